"""Maps: what each key may say, and a map as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csat.procedure.incidents import mapping
from csat.procedure.incidents.mapping import TABLE_MAPS


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("source = ", "TOML"),
        ("sauce = 'x'", "sauce"),
        ("source = 'x'\ndate_order = 'dmy'", "[columns]"),
        ("source = 'x'\ndate_order = 'dmy'\n[columns]\ntitle = 't'", "number"),
        ("source = 'x'\ndate_order = 'dmy'\n[columns]\nnumber = 'n'\ncolour = 'c'", "colour"),
        ("source = 'x'\ndate_order = 'dmy'\n[columns]\nnumber = 3", "number"),
        ("date_order = 'dmy'\n[columns]\nnumber = 'n'", "source"),
        ("source = 'x'\n[columns]\nnumber = 'n'", "date_order"),
        ("source = 'x'\ndate_order = 'dmy'\nzone = 'Mars/Olympus'\n[columns]\nnumber = 'n'", "Mars/Olympus"),
        ("source = 'x'\ndate_order = 'dmy'\nencoding = 'klingon'\n[columns]\nnumber = 'n'", "encoding"),
        ("source = 'x'\ndate_order = 'dmy'\nunknown = '?'\n[columns]\nnumber = 'n'", "unknown"),
        ("source = 'x'\ndate_order = 'dmy'\nmajor = ['1']\n[columns]\nnumber = 'n'", "major"),
        ("source = 'x'\ndate_order = 'dmy'\nclosed_states = ['C']\n[columns]\nnumber = 'n'", "closed_states"),
        ("source = 'x'\ndate_order = 'dmy'\ndate_formats = ['%H:%M']\n[columns]\nnumber = 'n'", "%H:%M"),
    ],
)
def test_a_wrong_map_says_which_key_and_what_is_wrong(text, says):
    with pytest.raises(mapping.MapWrong) as wrong:
        TABLE_MAPS.parse_map(text)
    assert says in str(wrong.value) and "\n" not in str(wrong.value)


words = st.text(min_size=1, max_size=30).map(str.strip).filter(bool)


@given(source=words, heading=words, unknown=st.lists(words), delimiter=st.sampled_from(mapping.DELIMITERS))
def test_a_map_written_as_text_reads_as_the_same_map(source, heading, unknown, delimiter):
    keys = {"source": source, "date_order": "ymd", "unknown": unknown, "delimiter": delimiter}
    made = TABLE_MAPS.build_map({**keys, "columns": {"number": heading}})
    assert TABLE_MAPS.parse_map(TABLE_MAPS.format_map(made)) == made
