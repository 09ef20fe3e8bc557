"""Pages of QA's checking: first sorting (P6), queue and verdicts, check calls (P7), corrections (P11)."""
