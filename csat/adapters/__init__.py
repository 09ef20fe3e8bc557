"""The only rooms that speak to other libraries and to the disk on the procedure's behalf."""
