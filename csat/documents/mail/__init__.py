"""Mails, written at the moment they are sent: their words, and what stands in the blanks."""
