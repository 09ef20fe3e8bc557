"""Questionnaires (§4, P14): the version in force of each, and which answers its questions take."""
