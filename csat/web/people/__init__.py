"""Pages of the staff: persons, departments, accounts; signing in, also in the middle of work; evidence."""
