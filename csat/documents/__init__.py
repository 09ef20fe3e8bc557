"""Rendering outside a request: what the procedure keeps becomes reports, letters and slips.

An own Jinja environment, the catalogues of csat.translations, no Flask.
"""
