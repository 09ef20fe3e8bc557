"""Incidents: tickets by hand, by a table or through the API (P1, F8); their maps and the systems' keys.

The first closing starts the survey's clock, once; a contact has rest between two surveys.
"""
