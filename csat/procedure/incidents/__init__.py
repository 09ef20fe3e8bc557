"""Incidents (P1, F8): by hand, by a table or through the API; their maps, the systems' keys, survey clock and rest."""
