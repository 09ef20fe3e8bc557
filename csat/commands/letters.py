"""The works about letters to clients: proposing those of a whole quarter, and sending one."""

from __future__ import annotations

from csat import clock
from csat.commands.kept_files import keep_or_delete_files
from csat.config import LOCALES, load_config
from csat.documents.letters import compose as documents
from csat.documents.letters import proposals
from csat.models.base import Json
from csat.models.clients import Contact
from csat.models.people import Person
from csat.procedure.core import jobs
from csat.procedure.core.quarter import Quarter
from csat.procedure.letters import board, letters, sending
from csat.procedure.mail import outbox


@jobs.register_job("propose_letters")
def propose_letters(arguments: Json, progress: jobs.JobProgress) -> Json:
    """Propose a letter for every client of a quarter that has none yet."""
    zone, by = load_config().timezone, Person.get_by_id(arguments["by"])
    quarter = Quarter.from_int(arguments["quarter"])
    report, without = letters.get_issued_report(quarter), board.list_clients_without_letter(quarter)
    for done, client in enumerate(without):  # one by one: what a broken job has made stays, and is skipped next time
        progress.reached(done, len(without))
        facts, words = proposals.draft_proposal(client, report, zone, clock.now())
        letters.propose_letter(client, report, facts, words, by, clock.now())
    progress.reached(len(without), len(without))
    return {"quarter": int(quarter), "made": len(without)}


@jobs.register_job("send_letter")
def send_letter(arguments: Json, progress: jobs.JobProgress) -> dict[str, object]:
    """Print a ready letter in both languages, keep the files, send it, and let its mails go."""
    config, by, now = load_config(), Person.get_by_id(arguments["by"]), clock.now()
    letter = sending.letter_to_send_for(by, arguments["letter"], now.astimezone(config.timezone).date())
    contacts = list(Contact.select().where(Contact.id.in_(arguments["contacts"])))
    document = sending.complete_document(letter, by, now)
    with keep_or_delete_files(config.files) as keeper:
        made = {}
        for done, language in enumerate(LOCALES):
            progress.reached(done, len(LOCALES))
            content = documents.render_pdf(document, language)
            made[language] = keeper.keep_pdf(content, f"{letter.number}-{language}.pdf", by, now)
        sending.send_letter(letter, document, made, contacts, by, now)
    progress.reached(len(LOCALES), len(LOCALES))
    if contacts:  # only now: the mails' links open a letter that is sent
        outbox.queue_sending(by, clock.now())
    return {"letter": letter.id, "mails": len(contacts)}
