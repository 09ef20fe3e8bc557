"""What QA calls the dimensions: everywhere from the next request on, never in what was issued."""

from __future__ import annotations

import pytest

from csat.config import LOCALES
from csat.documents.locale_format import TableFormat
from csat.documents.report import render
from csat.figures.labels import localise_dimensions
from csat.models.questionnaires import Dimension
from csat.models.records import AuditEntry
from csat.procedure.core import bilingual
from csat.procedure.core.refusals import NameTaken
from csat.procedure.questionnaires.dimension_names import change_names, get_own_names
from csat.terms import name_as_shipped
from tests.builders import NOW
from tests.documents import samples

SHIPPED = {one: {language: name_as_shipped(one, language) for language in LOCALES} for one in Dimension}


def name(dimension: Dimension = Dimension.SECURITY, **typed: str) -> None:
    """Name one dimension; all others are left blank."""
    blank = {one: dict.fromkeys(LOCALES, "") for one in Dimension}
    change_names({**blank, dimension: {**blank[dimension], **typed}}, SHIPPED, "command:test", NOW)


def called(dimension: Dimension = Dimension.SECURITY) -> dict[str, str]:
    return localise_dimensions([dimension])[dimension]


def test_a_dimension_is_called_as_qa_names_it_in_that_language(db, zone):
    name(zh="  安全  防护 ")
    assert called() == {"zh": "安全 防护", "en": "Security results"}
    assert TableFormat("zh", zone, NOW).word(Dimension.SECURITY) == "安全 防护"
    assert called(Dimension.VALUE) == SHIPPED[Dimension.VALUE]


def test_blank_or_its_own_words_go_back_to_what_ships(db):
    name(zh="安全防护", en="Safety")
    name(**SHIPPED[Dimension.SECURITY])
    assert called() == SHIPPED[Dimension.SECURITY] and get_own_names() == {}
    name()
    assert AuditEntry.select().where(AuditEntry.subject == "setting:dimension_names").count() == 2


@pytest.mark.parametrize(
    ("typed", "field", "refused"),
    [
        ({"zh": SHIPPED[Dimension.VALUE]["zh"]}, "security_zh", NameTaken),
        ({"en": "follow-UP of feedback"}, "followup_en", NameTaken),
        ({"en": "x" * 29}, "security_en", bilingual.TextTooLong),
        ({"zh": "长" * 13}, "security_zh", bilingual.TextTooLong),
        ({"zh": "长" * 5000}, "security_zh", bilingual.TextTooLong),
        ({"en": "<b>Safe</b>"}, "security_en", bilingual.TextIsMarkup),
    ],
)
def test_a_name_that_cannot_be_told_apart_or_shown_is_refused_at_its_field(db, typed, field, refused):
    with pytest.raises(refused) as refusal:
        name(**typed)
    assert refusal.value.field == field and get_own_names() == {}


def test_two_may_change_names(db):
    blank = {one: dict.fromkeys(LOCALES, "") for one in Dimension}
    swapped = {Dimension.VALUE: SHIPPED[Dimension.SECURITY], Dimension.SECURITY: SHIPPED[Dimension.VALUE]}
    change_names({**blank, **swapped}, SHIPPED, "command:test", NOW)
    assert called(Dimension.VALUE) == SHIPPED[Dimension.SECURITY]


def test_a_report_keeps_the_words_it_was_drafted_with(db):
    """It is rendered from its document alone, whatever the store says since."""
    document = samples.a_document()
    name(en="Safety")
    html = render.render_html(document, "en")
    assert "Security results" in html and "Safety" not in html
    assert called()["en"] == "Safety"
