"""What no incident can be."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat.procedure.core.refusals import InputWrong, ValueMissing
from csat.procedure.incidents import fields
from tests.builders import NOW, put_incident


def test_what_no_incident_can_be_is_refused_at_its_field(db):
    cases = {
        "closed_at": {"opened_at": NOW - timedelta(days=1), "closed_at": NOW - timedelta(days=2)},
        "resolved_at": {"opened_at": NOW, "resolved_at": NOW - timedelta(minutes=1)},
        "title": {"title": "长" * 301},
        "client": {"client": "长" * 201},
    }
    for field, said in cases.items():
        with pytest.raises(InputWrong) as refused:
            put_incident(**said)
        assert refused.value.field == field
    with pytest.raises(fields.ClosedInFuture):
        put_incident(closed_at=NOW + timedelta(days=2))
    with pytest.raises(ValueMissing):
        put_incident("")


def test_the_known_opening_counts_for_a_closing_that_comes_later(db):
    put_incident(opened_at=NOW - timedelta(days=1))
    with pytest.raises(fields.BeforeOpening):
        put_incident(closed_at=NOW - timedelta(days=2))
