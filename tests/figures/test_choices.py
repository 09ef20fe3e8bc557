"""Choices: how often each option was chosen, by whom nobody learns, and in no figure but their own."""

from __future__ import annotations

from random import Random

import pytest

from csat.figures.types import ChoiceRow
from csat.models.answers import Answer, Response, Verdict
from csat.models.asking import Channel
from csat.models.questionnaires import Kind, Question, Questionnaire, QuestionnaireVersion, VersionState
from csat.procedure.review import verdicts
from tests.builders import NOW, a_person
from tests.figures.stores import figures_now
from tests.reports import a_stored_report

K = 3
OPTIONS = [
    {"code": "chat", "zh": "在线", "en": "Chat"},
    {"code": "phone", "zh": "电话", "en": "Telephone"},
    {"code": "visit", "zh": "上门", "en": "Visit"},
]


@pytest.fixture
def form(engine_db) -> QuestionnaireVersion:
    return a_form()


def a_form(number: int = 1, questionnaire: Questionnaire | None = None, options=OPTIONS):
    """A questionnaire that asks which channel one likes best, and which ones one uses."""
    both = {"zh": "问", "en": "Which?"}
    facts = {"state": VersionState.PUBLISHED, "title": both, "intro": both, "minutes": 1, "in_force_at": NOW}
    whose = questionnaire or Questionnaire.create(code="wishes")
    version = QuestionnaireVersion.create(questionnaire=whose, number=number, **facts)
    for position, (code, kind) in enumerate([("best", Kind.CHOICE_ONE), ("used", Kind.CHOICE_MANY)]):
        Question.create(
            version=version, position=position, section=both, code=code, kind=kind, text=both,
            help=both, required=False, offers_na=True, options=options,
        )  # fmt: skip
    return version


def chose(version, best="", used="", anonymous=False, client=None, **more) -> Response:
    """A valid response; 'na' says that a question does not apply."""
    details = {"quarter": 20263, "channel": Channel.LINK, "verdict": Verdict.VALID, **more}
    response = Response.create(version=version, anonymous=anonymous, client=client, **details)
    for question in version.questions:
        words = {"best": best, "used": used}[question.code]
        if words == "na":
            Answer.create(response=response, question=question, not_applicable=True)
        elif words:
            Answer.create(response=response, question=question, words=words)
    return response


def rows(zone) -> dict[str, ChoiceRow]:
    return {row.code: row for row in figures_now(zone).choices}


def often(row: ChoiceRow) -> dict[str, int | None]:
    return {option.code: option.rate.good for option in row.options}


def test_options_are_counted_by_hand(form, zone):
    chose(form, "chat", "chat,phone")
    chose(form, "chat", "phone")
    chose(form, "phone", "na")
    chose(form, "", "")
    chose(form, "chat", "chat", verdict=Verdict.REFUSED)
    chose(form, "chat", "chat", quarter=20262)

    found = rows(zone)

    assert (found["best"].n, often(found["best"])) == (3, {"chat": 2, "phone": 1, "visit": 0})
    assert found["best"].options[0].rate.value == pytest.approx(2 / 3)
    assert (found["used"].n, found["used"].many, often(found["used"])) == (2, True, {"chat": 1, "phone": 2, "visit": 0})
    assert (found["best"].not_applicable, found["used"].not_applicable) == (0, 1)


def test_an_option_of_an_older_version_is_kept_by_its_code(form, zone):
    newer = a_form(2, form.questionnaire, OPTIONS[1:])
    chose(form, "chat")
    chose(newer, "phone")
    assert often(rows(zone)["best"]) == {"phone": 1, "visit": 0, "chat": 1}


def test_choices_enter_no_other_figure(form, zone):
    chose(form, "chat", "phone")
    figures = figures_now(zone)
    assert not figures.satisfaction.rate.n and not figures.questions and not figures.clients


def test_two_anonymous_choices_are_not_told(form, zone):
    for _ in range(2):
        chose(form, "chat", anonymous=True)
    for _ in range(5):
        chose(form, "phone")
    row = rows(zone)["best"]
    assert row.hidden and row.n is None and row.not_applicable is None
    assert set(often(row).values()) == {None}
    chose(form, "visit", anonymous=True)
    assert often(rows(zone)["best"]) == {"chat": 2, "phone": 5, "visit": 1}


def test_one_for_whom_it_does_not_apply_is_not_told(form, zone):
    for _ in range(3):
        chose(form, "chat", anonymous=True)
    chose(form, "na", anonymous=True)
    row = rows(zone)["best"]
    assert (row.n, row.not_applicable) == (3, None)


def test_one_more_choice_after_the_report_shows_nowhere(form, zone):
    """The same scheme as of all figures (decision 0020): late ones come together or not at all."""
    for _ in range(3):
        chose(form, "chat", anonymous=True)
    before = rows(zone)["best"]
    a_stored_report()
    for words in ("phone", "phone", ""):
        late = chose(form, words, anonymous=True, verdict=Verdict.PENDING)
        assert rows(zone)["best"] == before
        verdicts.accept_response(late, a_person(), NOW)
    hidden = rows(zone)["best"]  # three came, but only two of them chose: what they chose would be told
    assert hidden.hidden and hidden.n is None


@pytest.mark.parametrize("seed", range(10))
def test_no_random_population_shows_fewer_than_k(db, zone, seed):
    form, random = a_form(), Random(seed)
    for _ in range(random.randint(2, 12)):
        best, used = random.choice(["chat", "na", ""]), random.choice(["chat,visit", "phone", "na", ""])
        chose(form, best, used, anonymous=random.random() < 0.6)
    for code, row in rows(zone).items():
        told = {"chose": row.n is not None, "na": row.not_applicable is not None}
        for sort, shows in told.items():
            assert not shows or anonymous_ones(code, sort) not in range(1, K), (code, sort)


def anonymous_ones(code: str, sort: str) -> int:
    """How many anonymous people chose something, or said that the question does not apply."""
    answers = Answer.select().join(Question).switch(Answer).join(Response)
    said = Answer.not_applicable if sort == "na" else Answer.words.is_null(False)
    return answers.where(Question.code == code, Response.anonymous, said).count()
