"""Incidents: the list, entry by hand, imports of tables, the door for ticket systems, and maps for both."""
