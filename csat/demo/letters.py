"""The demo's letters to clients: of the issued quarter some are sent and opened, others wait (P13)."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime, timedelta

from csat import clock
from csat.demo.cast import add_workdays
from csat.demo.timeline import QUARTERS, Timeline
from csat.documents.letters import compose as documents
from csat.documents.letters import proposals
from csat.models.base import Json
from csat.models.clients import Client, Contact
from csat.models.letters import Letter, LetterState
from csat.procedure.clients import clients, contacts
from csat.procedure.core import jobs
from csat.procedure.core.quarter import Quarter
from csat.procedure.letters import board, letters, links, sending
from csat.procedure.letters.wording import PARTS

SENT, READY = 3, 2  # so many letters, the most important clients first; a few more stay drafts
DRAFT_COUNT = 2
OPENS, READS = 0.75, 0.6


def plan_letters(story: Timeline) -> None:
    """Enter the letters of the quarter whose report is issued into the story."""
    quarter = story.first.plus(QUARTERS - 2)
    begins = add_workdays(quarter.end(story.zone) + timedelta(days=28, hours=2))
    story.at(begins, _word, story, quarter)
    story.at(add_workdays(begins), _send, story, quarter)


def _word(now: datetime, story: Timeline, quarter: Quarter) -> None:
    """QA has the first ones proposed, answers for what was missed, and releases most of them."""
    qa, report, day = (
        story.cast.people["qa"],
        letters.get_issued_report(quarter),
        now.astimezone(story.zone).date(),
    )
    managers = clients.list_managers(day)
    cared = [one for one in board.list_clients_without_letter(quarter) if one.id in managers]
    for at, client in enumerate(cared[: SENT + READY + DRAFT_COUNT]):
        proposal = proposals.draft_proposal(client, report, story.config.timezone, now)
        letter = letters.propose_letter(client, report, proposal.facts, proposal.words, qa, now)
        if at >= SENT + READY:
            continue
        missed = [one["code"] for one in letter.facts["missed"]]
        answers = {code: _answer(code, story.content["letters"]) for code in missed}
        letters.save_words(letter, {**letter.words, "missed": answers}, qa, now + timedelta(minutes=20))
        document = documents.compose_letter(letter, story.config.timezone)
        letters.release_letter(letter, document, qa, now + timedelta(minutes=25), day)


def _answer(code: str, content: Json) -> dict[str, dict[str, str]]:
    told = content[code] if code in content else content["other"]
    return {part: told[part] for part in PARTS}


def _send(now: datetime, story: Timeline, quarter: Quarter) -> None:
    """The project managers send theirs and hand over the links; most are opened within days."""
    waiting = Letter.select().where(Letter.quarter == int(quarter), Letter.state == LetterState.READY)
    for letter in list(waiting.order_by(Letter.id))[:SENT]:
        manager = clients.manager_of(letter.client, now.astimezone(story.zone).date())
        if manager is None:
            continue
        with clock.freeze_at(now):
            jobs.queue_job(
                "send_letter", {"letter": letter.id, "contacts": [], "by": manager.id}, manager, now
            )
            jobs.run_waiting_jobs()
        sent = Letter.get_by_id(letter.id)
        dice = random.Random(f"letter:{letter.number}")
        for contact in _two(letter.client):
            token = sending.make_link(sent, contact, manager, now)
            if dice.random() < OPENS:
                opened = now + timedelta(hours=dice.uniform(1, 60))
                story.at(opened, _open, token, dice.random() < READS)


def _two(client: Client) -> Iterable[Contact]:
    return contacts.contacts_of(client)[:2]


def _open(now: datetime, token: str, reads: bool) -> None:
    links.record_page_view(links.open_link(token, now), now)
    if reads:
        links.record_reading(token, now + timedelta(minutes=3))
