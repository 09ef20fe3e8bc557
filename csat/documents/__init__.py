"""Rendering outside a request, without Flask: what the procedure keeps becomes reports, letters and slips."""
