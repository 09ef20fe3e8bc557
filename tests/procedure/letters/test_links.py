"""Links to sent letters (P13): open for some days, until they are withdrawn."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat.procedure.core import settings, tokens
from csat.procedure.core.refusals import LinkExpired, LinkUnknown, LinkWithdrawn, NotFound
from csat.procedure.letters import links, sending
from tests.builders import NOW, a_client
from tests.letters import a_sent_letter


def test_a_link_opens_until_its_time_is_over(cast, client):
    letter = a_sent_letter(cast, client)
    token = sending.make_link(letter, None, cast.manager, NOW)
    days = timedelta(days=settings.get_whole_number("letter_days"))
    assert links.open_link(token, NOW + days - timedelta(seconds=1)).letter == letter
    with pytest.raises(LinkExpired):
        links.open_link(token, NOW + days)
    for unknown in ("x", token[:-1], tokens.make_token()):
        with pytest.raises(LinkUnknown):
            links.open_link(unknown, NOW)


def test_a_withdrawn_link_opens_nothing_and_the_others_stay(cast, client):
    letter = a_sent_letter(cast, client)
    first, second = (sending.make_link(letter, None, cast.manager, NOW) for _ in range(2))
    sending.withdraw_link(letter, links.get_link(first).id, cast.manager, NOW)
    with pytest.raises(LinkWithdrawn):
        links.open_link(first, NOW)
    assert links.open_link(second, NOW)
    with pytest.raises(NotFound):
        sending.withdraw_link(a_sent_letter(cast, a_client("乙", manager=cast.manager)),
                                     links.get_link(second).id, cast.manager, NOW)  # fmt: skip
