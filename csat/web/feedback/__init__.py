"""Pages of the feedback: the board (I6), one feedback with its steps' forms, proposals, confirmation."""
