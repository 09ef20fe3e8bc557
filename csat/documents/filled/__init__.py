"""Responses as filled questionnaires (P11): on a page, on paper, and in the archive's bundles."""
