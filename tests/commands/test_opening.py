"""The first set-up of a store: the beginning, before which nothing is due (P1)."""

from __future__ import annotations

from datetime import date, timedelta

from csat import clock, database
from csat.commands.opening import set_up_system
from csat.procedure.incidents import beginning
from tests.builders import NOW
from tests.conftest import config_in


def test_a_store_begins_on_the_day_it_is_made_and_keeps_that_day(tmp_path):
    config = config_in(tmp_path)
    for later in (timedelta(0), timedelta(days=40)):
        with clock.freeze_at(NOW + later):
            set_up_system(config)
        assert beginning.get_beginning() == date(2026, 9, 14)
    database.close_store()


def test_a_store_from_before_has_no_beginning(db, config):
    database.close_store()
    set_up_system(config)
    assert beginning.get_beginning() is None
