"""What clients complain of or suggest, from QA's proposal to the improvement group's word (P8–P10, I1–I6).

`workflow` holds the order of the steps and whose turn it is, `due` what is overdue, `access` who sees it and
works on it; the verbs stand in `classification`, `callbacks`, `actions`, `evidence` and `confirmation`.
"""
