"""Linking what is the same matter, so that it counts once, and taking a link away (P9)."""

from __future__ import annotations

import pytest

from csat.figures.feedback import compute_feedback_figures
from csat.models.feedback import Feedback, Step
from csat.models.roles import Role
from csat.procedure.core.refusals import AffectedMayNotDecide, ValueMissing
from csat.procedure.feedback import linking, view
from csat.procedure.feedback.linking import NotLinked, NotTheSameMatter
from tests.builders import NOW, a_client, a_person
from tests.feedback_builders import a_feedback, of_type

pytestmark = pytest.mark.usefixtures("engine_db")


def a_matter(cast, client, **more):
    return a_feedback(cast, client=client, **more)


def tops():
    return [one.linked_to_id for one in Feedback.select().order_by(Feedback.id)]


def counted(zone):
    return compute_feedback_figures(20263, NOW, zone).total


def test_what_is_linked_counts_once_and_both_histories_name_the_other(cast, client, zone):
    one, two = a_matter(cast, client), a_matter(cast, client)
    linking.link_feedback(two, one, "同一件事", cast.qa, NOW)
    assert counted(zone) == 1 and two.linked_to == one
    for mine, other in ((one, two), (two, one)):
        step = view.list_history(mine)[0]
        assert (step.step, step.words, step.detail) == (Step.LINK, "同一件事", {"feedback": other.id})


def test_a_merged_client_is_the_same_client(cast, client):
    one, two = a_matter(cast, client), a_matter(cast, a_client("华东物流分公司", counts_as=client))
    assert linking.list_link_candidates(one) == [two] and linking.list_link_candidates(two) == [one]


def test_only_open_feedback_of_the_same_client_and_type_is_linked(cast, client):
    one = a_matter(cast, client)
    unnamed, closed = a_matter(cast, None), a_matter(cast, client)
    Feedback.update(state="confirmed").where(Feedback.id == closed.id).execute()
    of_another, of_other_type = a_matter(cast, a_client("乙")), a_matter(cast, client, issue_type=of_type("schedule"))
    for other in (of_another, of_other_type, unnamed, Feedback.get_by_id(closed.id), one):
        with pytest.raises(NotTheSameMatter):
            linking.link_feedback(one, other, "", cast.qa, NOW)
    assert linking.list_link_candidates(unnamed) == []


def test_groups_become_one_group(cast, client, zone):
    one, two, three, four = (a_matter(cast, client) for _ in range(4))
    linking.link_feedback(two, one, "", cast.qa, NOW)
    linking.link_feedback(four, three, "", cast.qa, NOW)
    linking.link_feedback(Feedback.get_by_id(three.id), two, "", cast.qa, NOW)
    assert tops() == [None, one.id, one.id, one.id] and counted(zone) == 1
    assert linking.list_link_candidates(one) == []


def test_a_link_is_taken_away_with_a_reason(cast, client, zone):
    one, two = a_matter(cast, client), a_matter(cast, client)
    with pytest.raises(NotLinked):
        linking.unlink_feedback(two, "不是", cast.qa, NOW)
    linking.link_feedback(two, one, "", cast.qa, NOW)
    with pytest.raises(ValueMissing):
        linking.unlink_feedback(two, " ", cast.qa, NOW)
    linking.unlink_feedback(two, "不是同一件事", cast.qa, NOW)
    assert tops() == [None, None] and two.linked_to is None and counted(zone) == 2
    assert [step.step for step in view.list_history(one)][:2] == [Step.UNLINK, Step.LINK]


def test_when_the_one_that_counts_leaves_the_eldest_of_the_others_counts(cast, client):
    one, two, three = (a_matter(cast, client) for _ in range(3))
    for other in (two, three):
        linking.link_feedback(other, one, "", cast.qa, NOW)
    linking.unlink_feedback(one, "另一件事", cast.qa, NOW)
    assert tops() == [None, None, two.id]


def test_nobody_links_what_their_department_deals_with(cast, client):
    one = a_matter(cast, client)
    two = a_matter(cast, client, department=cast.department, supervisor=cast.qa)
    moved = a_person("转岗", Role.QA, department=cast.department)
    for pair in ((one, two), (two, one)):
        with pytest.raises(AffectedMayNotDecide):
            linking.link_feedback(*pair, "", moved, NOW)
