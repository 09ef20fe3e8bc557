"""The board (I6): whose turn comes first, and how it can be narrowed."""

from __future__ import annotations

from csat.models.feedback import FeedbackState, Severity
from csat.procedure.feedback import board as feedback_board
from csat.procedure.feedback.board import FeedbackFilter
from tests.builders import NOW, a_client
from tests.feedback_builders import DAY, TODAY, a_feedback, assigned, closed, done, of_type, proposed


def test_whose_turn_it_is_stands_first_on_their_board(engine_db, cast, zone):
    new, mine, waiting = a_feedback(cast), assigned(cast), proposed(cast)
    ready, over = done(cast, zone), closed(cast, zone)
    turns = {
        cast.qa: {new.id, waiting.id},
        cast.qa2: {new.id},
        cast.owner: {mine.id},
        cast.improvement: {ready.id},
        cast.director: set(),
    }
    for person, keys in turns.items():
        assert feedback_board.find_my_turns(person, TODAY) == keys
        board = list(feedback_board.search_board(person, FeedbackFilter(), TODAY, NOW))
        assert {one.id for one in board[: len(keys)]} == keys
        if person != cast.owner:
            assert board[-1] == over
        assert feedback_board.search_board(person, FeedbackFilter(mine=True), TODAY, NOW).count() == len(keys)


def test_the_board_can_be_narrowed(engine_db, cast):
    client = a_client()
    major = a_feedback(cast, Severity.MAJOR, client=client, title="电源_故障")
    minor = assigned(cast, issue_type=of_type("documents"), quarter=20262)

    def found(now=NOW, **wanted):
        return list(feedback_board.search_board(cast.qa, FeedbackFilter(**wanted), TODAY, now))

    assert found(severity=Severity.MAJOR) == found(client=client.id) == found(words="电源_") == [major]
    assert found(state=FeedbackState.ASSIGNED) == found(department=cast.department.id) == [minor]
    assert found(quarter=20262) == found(issue_type=minor.issue_type_id) == [minor]
    assert found(overdue=True) == [] and found(NOW + 4 * DAY, overdue=True) == [major]
    assert found(soon=True) == [] and found(NOW + 1.5 * DAY, soon=True) == [major]
    counted = feedback_board.count_by_state(cast.qa, FeedbackFilter(), TODAY, NOW)
    assert counted == {FeedbackState.NEW: 1, FeedbackState.ASSIGNED: 1}
