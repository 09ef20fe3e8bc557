"""Publishing, from a day on; out of use and back (Q7, P14)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from csat.models.asking import Naming, Occasion
from csat.models.people import Person
from csat.models.questionnaires import PreviewLink, Questionnaire, QuestionnaireDraft, QuestionnaireVersion
from csat.models.records import AuditEntry
from csat.procedure.authoring import drafts, publishing
from csat.procedure.campaigns import campaigns
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotFound, Refusal, ValueMissing
from csat.procedure.questionnaires import questionnaires
from csat.procedure.questionnaires.content import read_version
from tests.builders import NOW, ZONE, a_campaign
from tests.procedure.questionnaires.forms import add_question, change_question, drop_question, shipped_form, words

TODAY = date(2026, 9, 14)
FORM = shipped_form("security")


def small(form, language):
    """A page of a size that fits."""
    return 20_000


def a_draft(by: Person, form=None, code="security") -> QuestionnaireDraft:
    """The draft of a questionnaire's next version, with one question more unless told otherwise."""
    draft = drafts.start_draft(code, by, NOW)
    return drafts.save_draft(draft, form or add_question(FORM), by, NOW)


def publish(draft, by, starts_on=None, now=NOW, reason="客户希望了解进展", measure=small) -> QuestionnaireVersion:
    return publishing.publish_draft(draft, reason, starts_on, by, now, ZONE, measure)


def test_a_draft_becomes_the_next_version_with_its_reason(db, cast):
    draft = a_draft(cast.qa)
    PreviewLink.create(token_hash="x", draft=draft, made_by=cast.qa, made_at=NOW, expires_at=NOW + timedelta(days=7))
    made = publish(draft, cast.qa)
    assert (made.number, made.published_by, made.reason, made.minutes) == (2, cast.qa, "客户希望了解进展", 5)
    assert (made.in_force_at, made.published_at) == (NOW, NOW)
    assert [one.code for one in read_version(made).questions if one.code == "informed"] == ["informed"]
    assert not QuestionnaireDraft.select().exists() and PreviewLink.get().draft_id is None
    assert AuditEntry.select().where(AuditEntry.action == "questionnaire published").count() == 6


def test_what_is_published_has_no_blanks_around_its_texts_and_no_idle_parts(db, cast):
    form = add_question(
        FORM, text=words(" 您满意吗？\x00", "Content? "), options=add_question(FORM).questions[0].options
    )
    form = change_question(form, "recommend", labels=(words("好", "Good"),))
    made = publish(a_draft(cast.qa, form), cast.qa)
    asked = {question.code: question for question in made.questions}
    assert asked["informed"].text == words("您满意吗？", "Content?") and asked["recommend"].labels is None


@pytest.mark.parametrize(
    ("starts_on", "begins"), [(None, NOW), (TODAY, NOW), (date(2026, 10, 1), datetime(2026, 9, 30, 16, tzinfo=UTC))]
)
def test_a_version_is_in_force_from_the_beginning_of_its_local_day(db, cast, starts_on, begins):
    before = questionnaires.get_version_in_force("security", NOW)
    made = publish(a_draft(cast.qa), cast.qa, starts_on)
    assert made.in_force_at == begins
    assert questionnaires.get_version_in_force("security", begins) == made
    if begins > NOW:
        assert questionnaires.get_version_in_force("security", begins - timedelta(microseconds=1)) == before


def test_a_newer_publication_takes_the_place_of_one_whose_day_is_to_come(db, cast):
    later = publish(a_draft(cast.qa), cast.qa, date(2026, 10, 1))
    newest = publish(a_draft(cast.qa, FORM), cast.qa)
    assert (later.number, newest.number) == (2, 3)
    for now in (NOW, NOW + timedelta(days=60)):
        assert questionnaires.get_version_in_force("security", now) == newest


@pytest.mark.parametrize(
    ("day", "refusal"), [(date(2026, 9, 13), publishing.StartsTooEarly), (date(2027, 9, 16), publishing.StartsTooLate)]
)
def test_the_day_is_today_or_within_a_year(db, cast, day, refusal):
    with pytest.raises(refusal):
        publish(a_draft(cast.qa), cast.qa, day)
    assert QuestionnaireVersion.select().count() == 5


def test_a_reason_is_needed(db, cast):
    with pytest.raises(ValueMissing):
        publish(a_draft(cast.qa), cast.qa, reason=" ")


@pytest.mark.parametrize("form", [FORM, drop_question(FORM, "overall"), change_question(FORM, "plan", dimension=None)])
def test_what_the_check_list_forbids_is_not_published(db, cast, form):
    with pytest.raises(publishing.ChecksFailed):
        publish(a_draft(cast.qa, form), cast.qa)
    assert QuestionnaireDraft.select().exists()


def test_a_page_that_is_too_large_is_not_published(db, cast):
    with pytest.raises(publishing.ChecksFailed):
        publish(a_draft(cast.qa), cast.qa, measure=lambda form, language: 40_000 if language == "en" else 1)


def test_who_publishes_second_is_told(db, cast):
    mine, theirs = a_draft(cast.qa), drafts.get_draft("security")
    publish(mine, cast.qa)
    with pytest.raises(publishing.DraftGone):
        publish(theirs, cast.qa2)
    assert QuestionnaireVersion.select().where(QuestionnaireVersion.number > 1).count() == 1


def test_what_somebody_changed_meanwhile_is_looked_at_first(db, cast):
    mine = a_draft(cast.qa)
    drafts.save_draft(drafts.get_draft("security"), add_question(FORM, code="calm"), cast.qa2, NOW)
    with pytest.raises(publishing.DraftChangedMeanwhile):
        publish(mine, cast.qa)


def test_running_campaigns_keep_their_version(db, cast):
    running = a_campaign("security")
    before = running.version
    made = publish(a_draft(cast.qa), cast.qa)
    assert [one.version for one in publishing.list_running_campaigns(made.questionnaire)] == [before]
    assert a_campaign("security").version == made


def test_the_standing_campaign_asks_with_the_version_of_the_day_on_which_it_is_made(db, cast):
    before = questionnaires.get_newest_version("incident")
    made = publish(a_draft(cast.qa, add_question(shipped_form("incident")), "incident"), cast.qa, date(2026, 10, 1))
    october = datetime(2026, 9, 30, 16, tzinfo=UTC)  # midnight in Shanghai

    def asks_with(quarter, now):
        return campaigns.ensure_standing_campaign(Quarter.parse(quarter), bytes, now, ZONE).version

    assert asks_with("2026Q3", october - timedelta(seconds=1)) == before
    assert (asks_with("2026Q3", october), asks_with("2026Q4", october)) == (before, made)


def test_what_people_published_is_not_overwritten_by_what_ships(db, cast):
    made = publish(a_draft(cast.qa), cast.qa)
    QuestionnaireVersion.update(content_hash="of an older release").where(QuestionnaireVersion.number == 1).execute()
    questionnaires.load_shipped_questionnaires(None, NOW)
    assert questionnaires.get_newest_version("security") == made
    assert questionnaires.get_newest_version("service").number == 2  # nobody changed it


@pytest.mark.parametrize("code", ["incident", "company", "check"])
def test_what_the_procedure_asks_with_by_itself_stays_in_use(db, cast, code):
    with pytest.raises(publishing.QuestionnaireNeeded):
        publishing.retire_questionnaire(questionnaires.get_questionnaire(code), cast.qa, NOW)


def offered(now=NOW):
    return [version.questionnaire.code for version in questionnaires.list_offered_versions(now)]


def test_out_of_use_a_questionnaire_is_offered_and_published_no_more(db, cast):
    form, draft = questionnaires.get_questionnaire("security"), a_draft(cast.qa)
    publishing.retire_questionnaire(form, cast.qa, NOW)
    assert "security" not in offered()
    with pytest.raises(publishing.QuestionnaireRetired):
        publish(draft, cast.qa)
    publishing.restore_questionnaire(form, cast.qa, NOW)
    assert "security" in offered() and publish(draft, cast.qa)
    told = [entry.action for entry in AuditEntry.select().order_by(AuditEntry.id.desc()).limit(3)]
    assert told == ["questionnaire published", "questionnaire restored", "questionnaire retired"]


def test_a_new_questionnaire_is_offered_from_its_day_on(db, cast):
    draft = drafts.start_questionnaire("training", FORM, cast.qa, NOW)
    assert "training" not in offered()
    made = publish(draft, cast.qa, date(2026, 9, 15))
    assert made.number == 1 and "training" not in offered() and "training" in offered(NOW + timedelta(days=1))
    with pytest.raises(NotFound):
        questionnaires.get_version_in_force("training", NOW)


@pytest.mark.parametrize("retired", [True, False])
def test_no_campaign_opens_with_what_is_out_of_use_or_not_in_force(db, cast, retired):
    version = publish(a_draft(cast.qa), cast.qa, None if retired else date(2026, 9, 20))
    if retired:
        publishing.retire_questionnaire(questionnaires.get_questionnaire("security"), cast.qa, NOW)
    version = QuestionnaireVersion.get_by_id(version.id)
    quarter, closes = Quarter.parse("2026Q3"), NOW + timedelta(days=30)
    with pytest.raises(Refusal):
        campaigns.open_campaign(Occasion.YEARLY, version, quarter, closes, Naming.BOTH, b"", cast.qa, NOW)
    assert Questionnaire.select().count() == 5
