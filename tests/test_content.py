"""What ships as data says the same in both languages."""

from __future__ import annotations

import re

import pytest

from csat.content import load_content

SENTENCES = {
    f"{name}/{rule}": forms
    for name in ("report_sentences", "letter_sentences")
    for rule, forms in load_content(name).items()
}
# The form for one may do without its number: "this quarter" for "the last 1 quarters".
SPELT_OUT = {
    f"report_sentences/{rule}" for rule in ("trend.above", "trend.below", "clients.chart.well", "part.versions")
}


@pytest.mark.parametrize("rule", SENTENCES)
def test_every_sentence_ships_in_both_languages_with_the_same_parameters(rule):
    forms = SENTENCES[rule]
    assert {"zh", "en"} <= set(forms) <= {"zh", "en", "en_plural"} and all(forms.values())
    asked = {form: set(re.findall(r"%\((\w+)\)s", text)) for form, text in forms.items()}
    if rule in SPELT_OUT:
        asked["en"] |= {"number"}
    assert asked["en"] == asked["zh"] == asked.get("en_plural", asked["zh"])
    assert "en_plural" not in forms or "number" in asked["zh"]


def test_what_a_figure_means_is_told_of_figures_that_have_a_name():
    told = load_content("figure_names")
    assert set(told["meanings"]) <= set(told["names"])
    assert all(text["zh"] and text["en"] for group in told.values() for text in group.values())


def test_a_sample_value_of_a_mail_has_both_languages():
    assert all(set(one) == {"zh", "en"} for one in load_content("mail")["samples"].values())
