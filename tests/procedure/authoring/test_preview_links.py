"""Links that show a form to anybody for some days (Q7)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat.models.questionnaires import PreviewLink
from csat.models.records import AuditEntry
from csat.procedure.authoring import drafts, preview_links
from csat.procedure.authoring.preview_links import DaysOutOfRange, PreviewOver
from csat.procedure.core import tokens
from csat.procedure.core.refusals import LinkUnknown, NotFound
from csat.procedure.questionnaires import questionnaires
from tests.builders import NOW


@pytest.fixture
def draft(db, cast):
    return drafts.start_draft("security", cast.qa, NOW)


def audited() -> list[str]:
    return [one.action for one in AuditEntry.select().order_by(AuditEntry.id) if "preview" in one.action]


def test_only_the_hash_of_a_link_is_kept_and_that_it_was_made(cast, draft):
    token, link = preview_links.make_preview_link(draft, 7, cast.qa, NOW)
    assert PreviewLink.get().token_hash == tokens.hash_token(token) and link.expires_at == NOW + timedelta(days=7)
    assert audited() == ["preview link made"]
    for unknown in (token[:-1], "A" * 43):
        with pytest.raises(LinkUnknown):
            preview_links.open_preview(unknown, NOW)


@pytest.mark.parametrize(("days", "taken"), [(0, False), (1, True), (30, True), (31, False)])
def test_a_link_works_for_one_to_thirty_days(cast, draft, days, taken):
    if not taken:
        with pytest.raises(DaysOutOfRange):
            preview_links.make_preview_link(draft, days, cast.qa, NOW)
        return
    token, link = preview_links.make_preview_link(draft, days, cast.qa, NOW)
    assert preview_links.open_preview(token, link.expires_at - timedelta(microseconds=1))[0] == link
    with pytest.raises(PreviewOver):
        preview_links.open_preview(token, link.expires_at)
    assert not preview_links.list_preview_links(draft, link.expires_at)


def test_a_draft_that_was_published_or_given_up_is_shown_no_more(cast, draft):
    token, _ = preview_links.make_preview_link(draft, 7, cast.qa, NOW)
    drafts.delete_draft(draft)  # what publishing and giving up do with it
    with pytest.raises(PreviewOver):
        preview_links.open_preview(token, NOW)


def test_a_link_is_withdrawn_once_on_record_and_only_where_it_belongs(cast, draft):
    version = questionnaires.get_newest_version("security")
    token, link = preview_links.make_preview_link(version, 7, cast.qa, NOW)
    with pytest.raises(NotFound):
        preview_links.withdraw_preview_link(draft, link.id, cast.qa, NOW)
    assert preview_links.list_preview_links(version, NOW) == [link] and not preview_links.list_preview_links(draft, NOW)
    for _ in range(2):
        preview_links.withdraw_preview_link(version, link.id, cast.qa2, NOW)
    assert audited() == ["preview link made", "preview link withdrawn"]
    with pytest.raises(PreviewOver):
        preview_links.open_preview(token, NOW)
