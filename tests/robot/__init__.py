"""A robot that plays everybody through the pages, and reckons beside the store what may have become of it (P1–P16)."""
