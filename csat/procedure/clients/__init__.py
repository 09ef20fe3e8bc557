"""Whom we serve: clients and in whose care they are, contacts with masked addresses (D2), opting out (P5),
imports whole or not at all, names in other systems; who counts as whom (merging).
"""
