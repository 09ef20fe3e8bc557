"""The procedure, a room for each step; docs/architecture.md draws on which floor each stands, and why.

core            what all share                        people       accounts, rights, separation of duties
clients         clients, contacts, their care         risks        prevention points and their assessments
incidents       tickets; closing starts the clock     questionnaires   versions, and which answers they take
campaigns       whom to ask, and how                  review       is a response genuine, and does it count
authoring       a questionnaire's next version, from draft to published
survey          taking answers; sealed ones wait      mail         what is sent to whom, and when not
feedback        from call-back to confirmation        reports      the quarterly report
letters         one page to each client               archive      every questionnaire found again
commitments     promises, measured and judged         worklists    what waits for whom
upkeep          retention, back-ups, what ships
"""
