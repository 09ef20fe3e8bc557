"""Who sees which feedback, and whose steps are whose (I4, D2)."""

from __future__ import annotations

import pytest

from csat.models.people import Membership
from csat.models.roles import Role
from csat.procedure.core.refusals import NotFound, NotPermitted
from csat.procedure.feedback import access, callbacks
from csat.procedure.review import verdicts
from tests.builders import NOW, a_person
from tests.feedback_builders import DAY, TODAY, a_feedback, anonymous, assigned, staffed


def test_a_department_sees_its_own_and_only_while_it_is(cast):
    found, other = assigned(cast), a_feedback(cast, title="别的")
    assert access.feedback_for(cast.owner, found.id, TODAY) == found
    with pytest.raises(NotFound):
        access.feedback_for(cast.owner, other.id, TODAY)
    callbacks.pass_on_feedback(found, staffed("软件部"), "不是网络", cast.owner, NOW)
    with pytest.raises(NotFound):
        access.feedback_for(cast.owner, found.id, TODAY)


def test_who_left_a_department_no_longer_sees_its_feedback(cast):
    found = assigned(cast)
    Membership.update(until=TODAY).where(Membership.person == cast.owner).execute()
    assert access.feedback_for(cast.owner, found.id, TODAY - DAY) == found
    with pytest.raises(NotFound):
        access.feedback_for(cast.owner, found.id, TODAY)


def test_qa_improvement_and_director_see_all_and_nobody_else_sees_any(cast):
    for found in (a_feedback(cast), assigned(cast)):
        for person in (cast.qa, cast.improvement, cast.director):
            assert access.feedback_for(person, found.id, TODAY)
        for person in (cast.desk, cast.manager, cast.admin, cast.engineer):
            with pytest.raises(NotFound):
                access.feedback_for(person, found.id, TODAY)


def test_only_the_department_takes_its_steps(cast):
    found = assigned(cast)
    assert access.department_feedback_for(cast.owner, found.id, TODAY) == found
    elsewhere = a_person("别部门", Role.DEPARTMENT, Role.DIRECTOR, department=staffed("软件部"))
    for person in (cast.qa, cast.director, elsewhere):
        with pytest.raises(NotPermitted):
            access.department_feedback_for(person, found.id, TODAY)


def test_the_response_page_of_a_department_stays_shut(cast):
    found, response = anonymous(cast)
    with pytest.raises(NotFound):
        verdicts.response_for(cast.owner, response.id)
    assert access.feedback_for(cast.owner, found.id, TODAY).words == "一个月报了三次"
