"""The quarter's board of letters (P13): who gets one, how far each is, what became of its links."""

from __future__ import annotations

from datetime import timedelta

from csat.models.clients import Tier
from csat.models.outbox import MailState, OutboxMessage
from csat.models.roles import Role
from csat.procedure.letters import board, links, sending
from tests.builders import NOW, a_client, a_contact, a_person
from tests.letters import Q3, a_feedback, a_proposal, a_sent_letter, an_issued_report, answers

TODAY = NOW.date()


def test_the_list_puts_core_clients_first_and_shows_each_manager_their_own(cast):
    ordinary, core = a_client("甲", Tier.ORDINARY, cast.manager), a_client("乙", Tier.CORE, cast.manager)
    a_client("丙", Tier.IMPORTANT, a_person("别人", Role.MANAGER))
    answers(ordinary, 5)
    an_issued_report(cast)
    a_proposal(cast, core)
    assert [line.client.name for line in board.list_board(cast.qa, Q3, TODAY)] == ["乙", "丙"]
    a_feedback(ordinary, "电话里说的", cast)
    lines = board.list_board(cast.qa, Q3, TODAY)
    assert [line.client.name for line in lines] == ["乙", "丙", "甲"]
    assert [line.state for line in lines] == ["draft", "none", "none"]
    mine = board.list_board(cast.manager, Q3, TODAY)
    assert [line.client.name for line in mine] == ["乙", "甲"]
    assert [one.name for one in board.list_clients_without_letter(Q3)] == ["丙", "甲"]


def test_fetching_a_page_and_saying_that_one_has_read_it_are_kept_apart(cast, client):
    letter = a_sent_letter(cast, client)
    token = sending.make_link(letter, None, cast.manager, NOW)
    for hours in (1, 2):
        links.record_page_view(links.open_link(token, NOW), NOW + timedelta(hours=hours))
    known = board.find_activity(letter)
    assert (known.opened, known.read, known.first) == (1, 0, NOW + timedelta(hours=1))
    assert links.get_link(token).openings == 2
    links.record_reading(token, NOW + timedelta(hours=3))
    links.record_reading(token, NOW + timedelta(hours=4))
    assert links.get_link(token).read_at == NOW + timedelta(hours=3)


def test_links_are_counted_by_letter_and_mails_under_way_with_them(cast, client):
    """What was fetched or taken through any of its links; a mail under way will bring one more."""
    letter = a_sent_letter(cast, client, [a_contact(client)])
    other = a_sent_letter(cast, a_client("乙", manager=cast.manager))
    first, second = (links.get_link(sending.make_link(letter, None, cast.manager, NOW)) for _ in range(2))
    links.record_page_view(second, NOW + timedelta(hours=2))
    links.record_page_view(first, NOW + timedelta(hours=5))
    for link in (first, first, second):
        links.record_download(link)
    known = board.find_activity(letter)
    assert known == board.LinkActivity(2, 2, 3, 0, NOW + timedelta(hours=2), 1) and not known.by_nobody
    assert board.find_activity(other) == board.LinkActivity() and board.LinkActivity().by_nobody
    OutboxMessage.update(state=MailState.DONE).execute()
    assert board.find_activity(letter).mails == 0
