"""What waits for whom: one table that the rail of the pages and the daily mail read (I2)."""
