"""Pages about accounts that take two people, or a look each quarter (D4)."""
