"""Questionnaires (§4, P14): the version in force of each, and which answers its questions take.

A published version never changes; a question's code keeps its kind and dimension for ever.
"""
