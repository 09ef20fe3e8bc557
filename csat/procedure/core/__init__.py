"""What every room stands on: refusals and guards, settings, the history and its seals (D3), the quarter (F8),
tokens, jobs, kept files, and what an address or number is and how it shows masked (D2). It imports no room.
"""
