"""The client's letter: its proposal by rules, the figures it may tell, and one page in either language."""
