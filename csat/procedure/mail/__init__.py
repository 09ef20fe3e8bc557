"""What is sent to whom, when, and when not: invitations, reminders, the outbox and its cleaning, the words
of mails (P5, F3)."""
