"""The quarterly report (P8, R1–R3): composed into one document of plain JSON, rendered from that alone."""
