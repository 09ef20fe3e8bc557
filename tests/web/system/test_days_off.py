"""The administrator's days off: a year's proposal, and days added, changed and removed (§7)."""

from __future__ import annotations

from datetime import date

from csat.models.work import DayOff


def test_a_year_is_loaded_and_kept_right(page, cast):
    page.sign_in_as(cast.admin).get("/admin/days-off/?year=2026")
    assert "No day of this year is kept yet." in page.text
    page.fill("Load the public holidays of 2026")
    assert "Thursday, 1 Oct 2026" in page.text and "National Day" in page.text and "days added" in page.text
    assert DayOff.get(DayOff.day == date(2026, 10, 10)).working
    page.fill("Save", 422, day="2026-10-17", name="Weekend")
    assert "Saturdays and Sundays are days off by themselves." in page.text and page.value("name") == "Weekend"
    page.fill("Save", day="2026-10-17", name="Move of the data centre", working="y")
    assert "Move of the data centre" in page.text and DayOff.get(DayOff.day == date(2026, 10, 17)).working
    number = DayOff.select().count()
    page.fill("Remove")
    assert DayOff.select().count() == number - 1


def test_a_year_that_is_none_shows_this_one(page, cast):
    page.sign_in_as(cast.admin).get("/admin/days-off/?year=99999")
    assert "Load the public holidays of 2026" in page.text


def test_nobody_else_keeps_them(page, cast):
    page.sign_in_as(cast.desk).get("/admin/days-off/", status=403)
