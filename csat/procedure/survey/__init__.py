"""Taking one answer a link: drafts, the sealed mailbox and its release among k people, receipts, and what is
recorded by telephone or interview (Q2–Q5, D1, P5)."""
