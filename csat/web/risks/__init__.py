"""Pages of the service risks: the matrix, a department's sheet, QA's review (K1)."""
