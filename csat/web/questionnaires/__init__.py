"""Questionnaires as they read, and their questions as one field of a form."""
