"""The quarterly report (P8, R1, R3): drafted by QA, partly in its own words, reviewed, issued, sent round.

A report in review or issued never changes (R1); nobody signs what they had a hand in (I4).
"""
