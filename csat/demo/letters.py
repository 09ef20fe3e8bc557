"""The demo's letters to clients: of the issued quarter some are sent and opened, others wait (P13)."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from csat.demo.timeline import Timeline
from csat.demo.working_hours import add_workdays
from csat.documents.letters import proposals
from csat.documents.letters.compose import compose_letter
from csat.models.base import Json
from csat.models.letters import Letter, LetterState
from csat.procedure.clients import clients, contacts
from csat.procedure.core import jobs
from csat.procedure.letters import board, letters, links, sending
from csat.procedure.letters.wording import PARTS

SENT, READY, DRAFTS = 3, 2, 2  # so many letters of each, the most important clients first
READERS = 2  # contacts of each client who get a link


def plan_letters(timeline: Timeline) -> None:
    """They are worded four weeks after the quarter, and sent the working day after."""
    begins = timeline.reported_quarter.end(timeline.zone) + timedelta(days=28, hours=2)
    timeline.at(add_workdays(begins), word_letters)
    timeline.at(add_workdays(begins, 2), send_letters)


def word_letters(timeline: Timeline, now: datetime) -> None:
    """QA has the first ones proposed, answers for what was missed, and releases most of them."""
    quarter, qa = timeline.reported_quarter, timeline.cast.people["qa"]
    report, day = letters.get_issued_report(quarter), now.astimezone(timeline.zone).date()
    managers = clients.list_managers(day)
    cared = [one for one in board.list_clients_without_letter(quarter) if one.id in managers]
    for at, client in enumerate(cared[: SENT + READY + DRAFTS]):
        proposal = proposals.draft_proposal(client, report, timeline.config.timezone, now)
        letter = letters.propose_letter(client, report, proposal.facts, proposal.words, qa, now)
        if at >= SENT + READY:
            continue
        missed = [one["code"] for one in proposal.facts["missed"]]
        answers = {code: _answer(code, timeline.content["letters"]) for code in missed}
        letters.save_words(letter, {**letter.words, "missed": answers}, qa, now + timedelta(minutes=20), read=True)
        document = compose_letter(letter, timeline.config.timezone)
        letters.release_letter(letter, document, qa, now + timedelta(minutes=25), day)


def _answer(code: str, content: Json) -> dict[str, dict[str, str]]:
    told: Json = content[code] if code in content else content["other"]
    return {part: told[part] for part in PARTS}


def send_letters(timeline: Timeline, now: datetime) -> None:
    """The project managers send theirs and hand over the links; most are opened within days."""
    waiting = Letter.select().where(Letter.quarter == int(timeline.reported_quarter), Letter.state == LetterState.READY)
    for letter in list(waiting.order_by(Letter.id))[:SENT]:
        manager = clients.manager_of(letter.client, now.astimezone(timeline.zone).date())
        if manager is None:
            continue
        jobs.queue_job("send_letter", {"letter": letter.id, "contacts": [], "by": manager.id}, manager, now)
        jobs.run_waiting_jobs()
        sent = Letter.get_by_id(letter.id)
        dice = random.Random(f"letter:{letter.number}")
        readers = [one for one in contacts.contacts_of(letter.client) if one.asked_each_quarter]
        for contact in readers[:READERS]:
            token = sending.make_link(sent, contact, manager, now)
            if timeline.happens("opens_letter", dice):
                opened = now + timedelta(hours=dice.uniform(1, 60))
                timeline.at(opened, open_letter, token, timeline.happens("reads_letter", dice))


def open_letter(timeline: Timeline, now: datetime, token: str, reads: bool) -> None:
    """A contact opens the page of the link, and mostly reads."""
    links.record_page_view(links.open_link(token, now), now)
    if reads:
        links.record_reading(token, now + timedelta(minutes=3))
