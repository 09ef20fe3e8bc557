"""What was promised (§9): targets by date and measurements (C1), what is missed and why (C2)."""
