"""Questionnaires on the pages."""

from __future__ import annotations

import pytest

from csat.models.questionnaires import QuestionnaireVersion
from tests.cast import a_cast


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_version_reads_in_both_languages(page, language):
    page.sign_in_as(a_cast().qa, language).get("/questionnaires/")
    for version in QuestionnaireVersion.select():
        assert version.title[language] in page.html
    for version in QuestionnaireVersion.select():
        page.get(f"/questionnaires/{version.id}")
        for question in version.questions:
            said = [question.text, *(question.options or ())]
            assert all(one[tongue] in page.text for one in said for tongue in ("zh", "en"))
        assert version.questionnaire.code == "check" or ("5 很满意" in page.text and "5 Very satisfied" in page.text)
