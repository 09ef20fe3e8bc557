"""One page to each client and quarter (P13): proposed by rules, worded and released by QA, then sent.

Nothing that only an anonymous answer says is retold (decision 0100); a sent letter never changes.
"""
