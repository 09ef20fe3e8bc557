"""Slips on paper: eight on a page, each in its contact's language, with an address people can read (P5)."""

from __future__ import annotations

import io
from datetime import timedelta

import pikepdf

from csat.adapters import qrcode
from csat.documents import slips
from csat.models.asking import Naming
from csat.models.base import Localised
from tests.builders import NOW, a_campaign, a_client, a_contact, an_invitation

ADDRESS = "https://survey.example.org/s/" + "a" * 43
WHO = Localised(zh="某某信息服务", en="Example Services")


def a_slip(zone, with_name=False, language="zh", **campaign):
    client = a_client()
    client.name_en = "Huadong Logistics"
    contact = a_contact(client, "王女士", language=language)
    invitation = an_invitation(a_campaign("company", **campaign), contact)
    return slips.build_slip(invitation, ADDRESS, WHO, zone, with_name)


def test_a_slip_speaks_its_contacts_language(db, zone):
    slip = a_slip(zone, language="en", closes_at=NOW + timedelta(days=1))
    assert (slip.lang, slip.asks, slip.whom) == ("en", "Example Services", "Huadong Logistics")
    assert slip.until == "Valid until 15 Sep 2026, for one answer."
    assert "with or without your name" in " ".join(slip.sentences)


def test_what_it_promises_is_what_the_campaign_offers(db, zone):
    assert "You answer without your name." in a_slip(zone, language="en", naming=Naming.ANONYMOUS).sentences


def test_the_contacts_name_stands_on_it_only_if_asked(db, zone):
    assert "王女士" not in str(a_slip(zone))


def test_with_the_name_it_says_for_whom_it_is(db, zone):
    assert a_slip(zone, with_name=True).whom == "华东物流 · 王女士"


def test_eight_fit_on_a_page_and_every_code_is_a_picture_of_its_own(db, zone):
    slip = a_slip(zone)
    with pikepdf.open(io.BytesIO(slips.render_pdf([slip] * 17, "zh", NOW))) as pdf:
        assert len(pdf.pages) == 3
    assert slip.code.startswith("data:image/svg+xml") and slip.address not in slip.code


def test_a_code_is_drawn_without_asking_anybody():
    assert qrcode.make_data_uri(ADDRESS) != qrcode.make_data_uri(ADDRESS + "b")
