"""Asking (P1–P5, Q1, Q5, F3): rounds, whom to ask, links, slips and calls, the desk's round, what came back.

Of who may answer anonymously nobody learns whether they did: all that is shown follows from our own acts.
"""
