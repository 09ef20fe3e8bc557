"""Asking (P1–P5): campaigns, invitations and their links, the desk's round, calls, slips, and what came back."""
