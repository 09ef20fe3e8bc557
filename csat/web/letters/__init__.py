"""Pages of the letters to clients: the board, a letter and its wording, sending; the client's own page."""
