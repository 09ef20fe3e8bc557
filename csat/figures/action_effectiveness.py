"""Which actions were confirmed effective (F6), and so far stayed so (I5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from csat.figures.rates import make_rate
from csat.figures.types import Rate
from csat.models.effect import ClosingCheck
from csat.models.feedback import Action, ActionFeedback, Feedback, FeedbackState
from csat.procedure.feedback.follow_up import select_unsolved_answers


def rate_effectiveness(actions: Sequence[Action]) -> Rate:
    """Actions that hold ÷ actions judged; a shared action once."""
    holds = judge_actions(actions)
    return make_rate("feedback/actions_effective", sum(holds.values()), len(holds))


def judge_actions(actions: Sequence[Action]) -> dict[int, bool]:
    """Whether an action holds, by its key, of those that are judged: all they serve is confirmed, or one failed."""
    served, found = _find_served(actions), {}
    failed = _find_failed({one.matter_id for all_ in served.values() for one in all_})
    for key, all_ in served.items():
        # Failed: it recurred, or its client says in a check that QA found valid that it is not solved.
        fails = any(one.recurred or one.matter_id in failed for one in all_)
        if fails or all(one.state == FeedbackState.CONFIRMED for one in all_):
            found[key] = not fails
    return found


def _find_served(actions: Sequence[Action]) -> dict[int, list[Feedback]]:
    """By action: the feedback it serves."""
    links = ActionFeedback.select(ActionFeedback, Feedback).join(Feedback)
    found: dict[int, list[Feedback]] = defaultdict(list)
    for link in links.where(ActionFeedback.action.in_([action.id for action in actions])):
        found[link.action_id].append(link.feedback)
    return found


def _find_failed(matters: set[int]) -> set[int]:
    """The matters of which their client says that they are not solved."""
    unsolved = ClosingCheck.response.in_(select_unsolved_answers())
    return {row.feedback_id for row in ClosingCheck.select().where(ClosingCheck.feedback.in_(matters), unsolved)}
