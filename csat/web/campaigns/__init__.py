"""The desk's round, campaigns, invitations, slips and calls: who asks whom, and how (P1–P5)."""
