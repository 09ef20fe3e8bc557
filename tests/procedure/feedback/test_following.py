"""Who entered feedback by hand follows it, and is told when it closes (P15)."""

from __future__ import annotations

import dataclasses

from csat.commands.mail import SendingRound
from csat.models.feedback import FeedbackOrigin
from csat.models.outbox import MailKind, OutboxMessage
from csat.models.people import Person
from csat.procedure.feedback import following
from tests.builders import NOW, an_account
from tests.feedback_builders import a_feedback, assigned, closed, explained_away, in_every_state, raised
from tests.mail_server import a_mail_server


def told() -> list[tuple[str, int]]:
    rows = OutboxMessage.select().where(OutboxMessage.kind == MailKind.CLOSED)
    return [(row.person.name, row.feedback.id) for row in rows]


def test_each_state_has_its_sentence_and_the_end_says_which(cast, zone):
    rows = in_every_state(cast, zone)
    said = following.describe_states(rows)
    assert len({said[one.id] for one in rows}) >= 7 and "checked" in said[rows[-1].id]
    gone = explained_away(cast, assigned(cast))
    assert following.describe_states([gone])[gone.id] != said[rows[-1].id]


def test_one_follows_what_one_entered_and_nothing_else(cast):
    mine = a_feedback(cast, by=cast.desk)
    a_feedback(cast, by=cast.manager)
    raised(cast, origin=FeedbackOrigin.RESPONSE)
    assert list(following.select_entered(cast.desk)) == [mine]
    assert list(following.select_entered(cast.qa)) == []  # taken from a response, so not entered


def test_who_entered_it_is_told_once_when_it_closes(cast, zone):
    mine = closed(cast, zone, by=cast.desk)
    assert told() == [("苏岚", mine.id)]
    assert not following.tell_entrant(mine, cast.improvement, NOW, zone) and len(told()) == 1


def test_nobody_is_told_of_what_came_from_a_response_or_who_left(cast, zone):
    explained_away(cast, raised(cast, origin=FeedbackOrigin.RESPONSE))
    Person.update(retired_at=NOW).where(Person.id == cast.desk.id).execute()
    closed(cast, zone, by=Person.get_by_id(cast.desk.id))
    assert told() == []


def test_the_mail_says_what_became_of_it_and_nothing_personal(cast, zone, config):
    an_account(cast.desk, "zh")
    Person.update(email="sulan@us.example").where(Person.id == cast.desk.id).execute()
    mine = closed(cast, zone, by=cast.desk, origin=FeedbackOrigin.EMAIL)
    with a_mail_server() as server:
        SendingRound(dataclasses.replace(config, smtp_url=server.url, mail_from="survey@us.example")).send()
    (mail,) = server.mails
    text = mail.text
    assert mine.number in text and "已关闭：问题已处理，并经核查。" in text and "/feedback/entered" in text
    assert mine.words not in text and mine.title not in text
