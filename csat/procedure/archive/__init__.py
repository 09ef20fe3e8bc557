"""Every response found again (P11), a quarter of them as bundles that prove themselves, tables to take along.

What leaves is asked for and downloaded on record (D3), and kept here for some days only (D5).
"""
