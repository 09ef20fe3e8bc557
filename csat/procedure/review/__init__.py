"""Is a response genuine, and what is counted: signals, verdicts of QA and a second person, check calls, the
desk's first sorting, corrections, the tally and what stands behind a figure (P6, P7, P11, §7)."""
