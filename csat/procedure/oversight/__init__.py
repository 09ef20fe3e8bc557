"""Nobody becomes somebody else: a second person's word, links to the person only, roles confirmed each quarter (D4)."""
