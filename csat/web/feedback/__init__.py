"""Pages of feedback: QA's proposals, the board, and one feedback with a form for each step (`steps`)."""
