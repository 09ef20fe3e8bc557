"""Pages of the mail: sending a campaign's invitations, what became of them, the words of the mails (P5)."""
