"""What the report says in words (P8): rules choose a sentence, content/report_sentences.toml has its text.

`sentences` has the lead and what to decide, `headlines` the titles of charts, `openings` the message under
each heading; `phrases` fills a rule's text in both languages.
"""
