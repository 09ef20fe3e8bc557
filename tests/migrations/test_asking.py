"""What 0017 adds: links by hand, contacts of the quarterly round, what feedback says of its origin; nothing is lost."""

from __future__ import annotations

import pytest

from csat import database
from csat.models.answers import ReleaseHolder, Response
from csat.models.asking import Attempt, AttemptOutcome, Channel, Link, Occasion
from csat.models.clients import Contact
from csat.models.feedback import ActionChange, DueMove, Feedback
from csat.models.praise import Praise, PraisedPerson
from csat.models.work import DayOff
from tests.builders import NOW, a_campaign, a_client, a_contact, a_link, an_invitation
from tests.feedback_builders import a_stored_feedback
from tests.migrations.back import undo

TABLES = (ReleaseHolder, ActionChange, PraisedPerson, Praise, DueMove, DayOff)
COLUMNS = (
    ("response", "left"),
    ("contact", "email_key"),
    ("contact", "telephone_key"),
    ("contact", "position"),
    ("contact", "asked_each_quarter"),
    ("link", "by_hand"),
    ("link", "shown_to_id"),
    ("attempt", "undone_at"),
    ("attempt", "undone_by_id"),
    ("feedback", "contact_id"),
    ("feedback", "incident_id"),
    ("feedback", "said_by"),
    ("feedback", "said_on"),
    ("action", "dropped_at"),
    ("commitment_answer", "client_reason"),
    ("commitment_answer", "client_remedy"),
    ("letter", "internal_read_at"),
)


@pytest.fixture
def before(engine_db):
    """A store as it was: of three contacts, one asked each quarter and by a slip, one for a project and by mail."""
    client = a_client()
    a_contact(client, "Ann Li ", email="", telephone="010-8888 0000")
    for name, address, occasion, channel in (
        ("王女士", {"email": " Wang@Client.example", "telephone": ""}, Occasion.QUARTERLY, Channel.SLIP),
        ("李先生", {"email": "", "telephone": "+86 (138) 1234-5678"}, Occasion.PROJECT, Channel.EMAIL),
    ):
        asked = an_invitation(a_campaign(occasion=occasion), a_contact(client, name, **address), channel=channel)
        a_link(asked)
        Attempt.create(invitation=asked, at=NOW, outcome=AttemptOutcome.HANDED_OVER)
    a_stored_feedback(client=client)
    database.store.drop_tables(TABLES)
    undo("0017", *COLUMNS)


def test_who_was_asked_each_quarter_stays_so_and_links_by_hand_can_still_be_handed_over(before):
    database.migrate_store()
    assert [one.name for one in Contact.select().where(Contact.asked_each_quarter)] == ["王女士"]
    assert {(one.email_key, one.telephone_key) for one in Contact.select()} == {
        ("", "01088880000 ann li"),
        ("wang@client.example", ""),
        ("", "13812345678"),
    }
    assert {one.invitation.channel: one.by_hand for one in Link.select()} == {Channel.SLIP: True, Channel.EMAIL: False}
    assert [one.undone_at for one in Attempt.select()] == [None, None]
    assert Feedback.get().said_by == ""
    assert not any(table.select().exists() for table in TABLES) and not Response.select().exists()
