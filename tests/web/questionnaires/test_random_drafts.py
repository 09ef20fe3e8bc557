"""A draft that chance made is answered, recorded, printed and counted like those that ship, once published (Q7)."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from itertools import count

from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from csat.documents import paper
from csat.documents.filled import compose
from csat.documents.locale_format import LocaleFormat
from csat.documents.paper import PaperSurvey
from csat.figures.audience import Audience
from csat.figures.questions import KIND_SCALES, read_distributions
from csat.models.answers import Answer, Response
from csat.models.asking import Campaign, Channel, Invitation
from csat.models.base import Localised
from csat.models.people import Person
from csat.models.questionnaires import Kind, Question, QuestionnaireVersion
from csat.procedure.authoring import drafts, publishing
from csat.procedure.questionnaires import questionnaires
from csat.procedure.questionnaires.answers import GivenAnswer, parse_answer
from csat.procedure.review import verdicts
from csat.procedure.review.tally_rows import NOT_APPLICABLE_VALUE
from csat.procedure.survey import submission, transcripts
from csat.procedure.survey.submission import FilledForm
from csat.web.questionnaires.measuring import measure_page
from tests.builders import NOW, ZONE, a_campaign, a_client, a_contact, a_link, an_invitation
from tests.procedure.authoring.random_forms import likely_forms

PROVIDER = Localised(zh="某公司", en="Some provider")
NUMBERS = count(1)
CHOICES = {Kind.RATING: "12345", Kind.RECOMMEND: [str(number) for number in range(11)], Kind.YES_NO: ["yes", "no"]}
LATER = NOW + timedelta(hours=1)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(form=likely_forms, data=st.data())
def test_what_can_be_published_goes_the_whole_way(app, cast, form, data):
    draft = drafts.start_questionnaire(f"tried_{next(NUMBERS)}", form, cast.qa, NOW)
    with app.test_request_context():
        try:
            version = publishing.publish_draft(draft, "试用", None, cast.qa, NOW, ZONE, measure_page)
        except publishing.ChecksFailed:  # with which reasons: tests/procedure/questionnaires/test_random_drafts.py
            reject()
    answered = [submit_some(version, data), record_some(version, data, cast.qa)]
    for response in answered:
        verdicts.accept_response(response, cast.qa2, LATER)
    asked = version.questions.count()
    for language in ("zh", "en"):
        filled = compose.collect_questionnaires([one.id for one in answered], LocaleFormat(language, ZONE))
        assert [sum(len(questions) for _, questions in one.sections) for one in filled] == [asked, asked]
    survey = PaperSurvey(version.title, version.intro, questionnaires.questions_of(version))
    assert paper.render_sample(survey, ("zh", "en"), PROVIDER, ZONE).startswith(b"%PDF")
    assert read_counts(version) == count_by_hand(version)


def ask(version: QuestionnaireVersion) -> Invitation:
    campaign = a_campaign()
    Campaign.update(version=version).where(Campaign.id == campaign.id).execute()
    return an_invitation(Campaign.get_by_id(campaign.id), a_contact(a_client(f"客户{campaign.id}")))


def submit_some(version: QuestionnaireVersion, data: st.DataObject) -> Response:
    asked = ask(version)
    filled = FilledForm(some_answers(version, data), anonymous=False, code="", name="王女士")
    submission.submit_response(a_link(asked), filled, LATER, lambda key, plain: plain)
    return Response.get(Response.campaign == asked.campaign)


def record_some(version: QuestionnaireVersion, data: st.DataObject, by: Person) -> Response:
    return transcripts.record_transcript(ask(version), some_answers(version, data), Channel.TELEPHONE, by, LATER)


def some_answers(version: QuestionnaireVersion, data: st.DataObject) -> dict[str, GivenAnswer]:
    """What a form could have sent for each question: any of its choices, a few words, n/a, or nothing."""
    given = {}
    for question in questionnaires.questions_of(version):
        offered = list(CHOICES.get(question.kind, ())) or [option["code"] for option in question.options or ()]
        sent = data.draw(
            st.sampled_from(
                [
                    *([[one] for one in offered] or [["说了几句"]]),
                    *([["na"]] if question.offers_na else []),
                    *([] if question.required else [[]]),
                ]
            )
        )
        if (answer := parse_answer(question, sent)) is not None:
            given[question.code] = answer
    return given


def read_counts(version: QuestionnaireVersion) -> dict[str, Counter[int]]:
    found = read_distributions(20263, Audience.RESPONSE_READERS)
    counts = {question.code: found[(version.questionnaire.code, question.code)].all for question in version.questions}
    return {code: count for code, count in counts.items() if count}


def count_by_hand(version: QuestionnaireVersion) -> dict[str, Counter[int]]:
    rows = Answer.select(Answer, Question).join(Question).where(Question.version == version)
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    for row in rows:
        if row.question.kind in KIND_SCALES:
            counts[row.question.code][NOT_APPLICABLE_VALUE if row.not_applicable else row.value] += 1
    return counts
