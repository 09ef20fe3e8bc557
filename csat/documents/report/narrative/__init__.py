"""What the report says in sentences, by rules that see only figures that may leave (F4)."""
