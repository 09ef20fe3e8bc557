"""Stories about what the report quotes: words without their speaker, and actions without names."""

from __future__ import annotations

from datetime import UTC, date, timedelta

from csat.documents.report import facts as material
from csat.figures.audience import Audience
from csat.figures.feedback import compute_feedback_figures
from csat.models.answers import Answer, Response, Verdict
from csat.models.asking import Channel
from csat.models.feedback import FeedbackState
from csat.models.questionnaires import Question, QuestionnaireVersion
from csat.procedure.core.quarter import Quarter
from csat.procedure.feedback import praise
from tests.builders import NOW, a_client, a_contact, a_department, a_person
from tests.feedback_builders import a_stored_action, a_stored_feedback, told_unsolved

Q3 = Quarter(2026, 3)


def a_comment(words: str, code: str = "opinions", **more) -> Response:
    """A valid response with one comment."""
    form = "incident" if code == "opinions" else "company"
    version = next(one for one in QuestionnaireVersion.select() if one.questionnaire.code == form)
    details = {"channel": Channel.LINK, "anonymous": True, "verdict": Verdict.VALID, **more}
    response = Response.create(version=version, quarter=int(Q3), **details)
    question = Question.get(Question.version == version, Question.code == code)
    Answer.create(response=response, question=question, words=words)
    return response


def test_comments_are_sorted_by_what_was_asked_and_by_nothing_else(db):
    a_comment("很快", "most_satisfied")
    a_comment("太慢", "to_improve")
    a_comment("谢谢")
    told = material.collect_comments(Q3, Audience.RESPONSE_READERS)
    assert (told["praise"]["shown"], told["wish"]["shown"]) == (["很快"], ["太慢"])
    assert told["other"] == {"shown": ["谢谢"], "left_out": 0}


def test_only_valid_responses_are_quoted(db):
    a_comment("假的", verdict=Verdict.REFUSED)
    a_comment("等着", verdict=Verdict.PENDING)
    assert material.collect_comments(Q3, Audience.RESPONSE_READERS)["other"]["shown"] == []


def test_no_comment_names_its_client_or_its_writer(db):
    client = a_client("华东物流集团")
    who = {"client": client, "contact": a_contact(client, "王女士"), "respondent_name": "王芳"}
    a_comment("我是华东物流集团的王女士，请改进", anonymous=False, **who)
    assert material.collect_comments(Q3, Audience.RESPONSE_READERS)["other"]["shown"] == ["我是＊＊的＊＊，请改进"]


def test_the_order_is_the_same_each_time_and_not_that_of_arrival(db):
    for number in range(12):
        a_comment(f"意见{number}号")
    first, second = (
        material.collect_comments(Q3, Audience.RESPONSE_READERS),
        material.collect_comments(Q3, Audience.RESPONSE_READERS),
    )
    assert first == second
    assert first["other"]["shown"] != [f"意见{number}号" for number in range(12)]


def test_long_comments_are_cut_and_many_are_counted(db):
    a_comment("长" * 1000)
    for number in range(material.MOST_COMMENTS + 4):
        a_comment(f"意见{number}号")
    told = material.collect_comments(Q3, Audience.RESPONSE_READERS)["other"]
    assert len(told["shown"]) == material.MOST_COMMENTS and told["left_out"] == 5
    assert all(len(text) <= material.LONGEST_COMMENT + 1 for text in told["shown"])


def test_an_action_is_effective_where_the_figures_say_so(db, zone):
    closed = {"state": FeedbackState.CONFIRMED, "closed_at": NOW, "closed_in_time": True}
    kept, refuted = a_stored_feedback(**closed), a_stored_feedback(**closed)
    for one in (kept, refuted):
        a_stored_action(one, what=one.number)
    told_unsolved(refuted)
    told = {one["what"]: one["confirmed"] for one in material.collect_actions(Q3, NOW, zone)}
    assert told == {kept.number: True, refuted.number: False}
    effective = compute_feedback_figures(int(Q3), NOW, zone).actions_effective
    assert (effective.good, effective.of) == (1, 2)


def test_actions_come_with_their_state_and_without_persons(db, zone):
    department, doer = a_department(), a_person("高工")
    feedback = a_stored_feedback(department=department, state=FeedbackState.IN_PROGRESS)
    for what, day, done_at in (("late", 1, None), ("open", 30, None), ("done", 30, NOW - timedelta(days=1))):
        a_stored_action(feedback, what=what, owner=doer, due=date(2026, 9, day), done_at=done_at)
    told = material.collect_actions(Q3, NOW, zone)
    assert [(one["what"], one["state"]) for one in told] == [("late", "overdue"), ("open", "open"), ("done", "done")]
    assert "高工" not in str(told) and told[0]["feedback"] == [feedback.number]


def test_praise_is_told_by_department_and_masked_and_none_of_it_was_said_anonymously(cast):
    response = a_comment("王女士说华东物流集团谢谢", anonymous=False, respondent_name="王女士")
    secret = a_comment("匿名的感谢")
    a_client("华东物流集团")
    for one, words in ((response, "王女士说华东物流集团谢谢"), (secret, "匿名的感谢")):
        praise.praise_response(one, words, cast.department, [], cast.qa, NOW, UTC)
    told = material.collect_praise(Q3)
    assert told["total"] == 1 and told["shown"] == ["＊＊说＊＊谢谢"]
    assert [(row["name"]["en"], row["number"]) for row in told["departments"]] == [("Infrastructure", 1)]
