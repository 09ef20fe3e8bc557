"""Pages of the commitments: how far each is kept (C1), measurements, and what is answered to a miss (C2)."""
