"""The procedure, step by step: each room holds the rules of one step (docs/architecture.md draws them).

An incident closes (incidents), and the desk has two days to ask; each quarter the project managers ask
their important and core clients (campaigns), by link, slip, telephone or mail (mail). The client answers;
anonymous answers wait sealed, and the receipt shows what became of them (survey). QA checks that each
response is genuine (review) and takes feedback out of it. Departments call back and act, the improvement
group confirms that it worked, the client is asked once more, and what comes again is marked (feedback).
What was promised is measured and judged each quarter (commitments), and so is what guards against risks
(risks). QA issues the quarter's report (reports), and the client gets a letter (letters). The improvement
group keeps every questionnaire, and tables leave the house as exports (archive).

Around it: people, clients, questionnaires; what waits for whom (worklists); retention and back-ups
(upkeep); below all of them settings, audit, tokens, jobs and the quarter (core).
"""
