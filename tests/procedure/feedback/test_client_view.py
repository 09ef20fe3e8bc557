"""What a client's manager sees of its feedback: state and due date of all, no word of an anonymous answer (F4)."""

from __future__ import annotations

from csat.models.answers import Verdict
from csat.models.clients import Tier
from csat.models.feedback import Feedback, FeedbackState
from csat.procedure.feedback.client_view import count_open_feedback, list_client_feedback
from tests.builders import NOW, a_client, a_response
from tests.cast import a_cast
from tests.feedback_builders import DAY
from tests.letters import a_feedback


def titles(client) -> dict[str, str]:
    return {one.feedback.title: one.title for one in list_client_feedback(client, NOW)}


def test_only_what_was_entered_or_said_by_name_shows_its_title(cast):
    client = a_client("华东物流", Tier.CORE, cast.manager)
    named = a_response("company", client=client, verdict=Verdict.VALID)
    secret = a_response("company", client=client, verdict=Verdict.VALID, anonymous=True)
    a_feedback(client, "电话里说的", cast)
    a_feedback(client, "具名说的", cast, sources=[named])
    a_feedback(client, "匿名说的", cast, sources=[secret])
    a_feedback(client, "两人都说", cast, sources=[named, secret])
    assert titles(client) == {"电话里说的": "电话里说的", "具名说的": "具名说的", "匿名说的": "", "两人都说": ""}


def test_what_is_linked_to_an_anonymous_matter_keeps_its_title_to_itself(cast):
    client = a_client("华东物流", Tier.CORE, cast.manager)
    secret = a_response("company", client=client, verdict=Verdict.VALID, anonymous=True)
    main, part = a_feedback(client, "主", cast, sources=[secret]), a_feedback(client, "从", cast)
    Feedback.update(linked_to=main).where(Feedback.id == part.id).execute()
    assert titles(client) == {"主": "", "从": ""}


def test_clients_are_counted_each_for_itself(engine_db):
    cast = a_cast()
    one, two = a_client("甲"), a_client("乙")
    a_feedback(one, "慢", cast)
    assert count_open_feedback([one.id, two.id], NOW) == {one.id: (1, 0), two.id: (0, 0)}


def test_what_is_open_stands_first_and_then_what_was_closed_last(cast):
    client = a_client("华东物流", Tier.CORE, cast.manager)
    late, soon, old, new = (a_feedback(client, name, cast) for name in ("晚", "早", "旧", "新"))
    Feedback.update(close_due_at=NOW + 9 * DAY).where(Feedback.id == late.id).execute()
    Feedback.update(close_due_at=NOW + DAY).where(Feedback.id == soon.id).execute()
    for one, at in ((old, NOW - 9 * DAY), (new, NOW - DAY)):
        Feedback.update(state=FeedbackState.CONFIRMED, closed_at=at).where(Feedback.id == one.id).execute()
    assert list(titles(client)) == ["早", "晚", "新", "旧"]
