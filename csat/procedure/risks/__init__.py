"""Service-quality risks (§10): the prevention points and who assesses them; each quarter's assessments, and
QA's review of them by somebody of another department (K1, I4).
"""
