"""The report's process figures tell what the check calls came to, recorder by recorder (P7, §8)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from csat.documents.report import render
from csat.figures.types import CheckCallRow
from tests.documents import samples


@pytest.mark.parametrize(("language", "said"), [("en", "Check calls, by recorder"), ("zh", "苏岚")])
def test_the_sample_is_told_by_recorder(language, said):
    calls = CheckCallRow("苏岚", 41, 5, samples.rate("check_calls/1", 1, 4))
    figures = replace(samples.a_full_quarter(), check_calls=(calls,))
    page = render.render_html(samples.a_document(figures), language)
    assert said in page and "苏岚" in page and "25.0%" in page
    assert said == "苏岚" or said not in render.render_html(samples.a_document(), language)
