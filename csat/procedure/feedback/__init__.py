"""What clients complain of or suggest, from QA's proposal to the improvement group's word (P8–P10, I1–I6)."""
