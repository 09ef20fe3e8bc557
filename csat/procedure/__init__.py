"""The procedure, step by step, and the file where each step's rules live.

An incident closes (incidents; what ticket systems send comes in by intake), and the desk has two
days to ask (service_desk). Each quarter the project managers ask their important and core clients
(campaigns), by link, slip, telephone or mail (by_mail, outbox, reminders). The client answers
(survey); anonymous answers wait sealed (mailbox), and the receipt shows what became of them (receipts).
QA checks that each response is genuine (authenticity, qa_review) and takes feedback out of it.
Departments call back and act (feedback, feedback_actions), with files that show it (evidence); the
improvement group confirms that it worked (improvement), the client is asked once more (closing_check),
and what comes again is marked (recurrence). What was promised is measured and judged each quarter
(commitments, measurements, commitment_answers), and so is what guards against risks (risk_points, risks).
QA issues the quarter's report (quarterly_report, report_words, report_review, report_distribution), and
the client gets a letter (letters, letter_sending). The improvement group keeps every questionnaire
(archive, bundles, corrections); tables leave the house by exports.

Around it: people, clients, questionnaires; quarter, roles, duties, tokens, settings; jobs, audit.
"""
