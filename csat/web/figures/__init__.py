"""Pages of the figures: overview, lists and portraits (F5), and the responses behind each number (F4)."""
