"""The history: who did what to what, and whether anybody tampered with it (D3)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from csat.models.people import Person
from csat.models.records import AuditEntry
from csat.procedure.core import audit
from csat.web.access import current_person, open_to
from csat.web.pagination import paginate
from csat.web.params import parse_day, start_of_day

blueprint = Blueprint("audit", __name__)


@blueprint.get("/admin/audit")
@open_to("audit")
def search_history() -> str:
    """Search the whole history."""
    return _render_history(None)


@blueprint.get("/admin/audit/mine")
@open_to("audit.own")
def list_own_entries() -> str:
    """One's own acts."""
    return _render_history(current_person())


@blueprint.post("/admin/audit/verify")
@open_to("audit")
def verify_seals() -> Response:
    """Compute every seal anew and say whether the history is whole."""
    if broken := audit.find_first_broken_entry():
        wrong = gettext("Entry %(key)s was changed after it was written, or one before it is missing.", key=broken.id)
        flash(wrong, "bad")
    else:
        flash(gettext("The history is whole: every seal fits."))
    return redirect(url_for(".search_history"))


def _render_history(by: Person | None) -> str:
    asked = {name: request.args.get(name, "").strip() for name in ("action", "who", "subject", "since", "until")}
    since, until = parse_day("since"), parse_day("until")
    begin = start_of_day(since) if since else None
    end = start_of_day(until + timedelta(days=1)) if until else None  # the last day is in it whole
    found = audit.search_entries(asked["action"], asked["who"], asked["subject"], begin, end, by)
    entries = paginate(found)
    return render_template(
        "system/audit.html",
        entries=entries,
        details={entry.id: _entry_facts(entry) for entry in entries.rows},
        names=audit.find_actor_names(entries.rows),
        subjects=audit.find_subject_names(entries.rows),
        actions=audit.list_actions(),
        asked=asked,
        own=by is not None,
    )


def _entry_facts(entry: AuditEntry) -> list[tuple[str, str]] | None:
    """The facts of an entry; None when they were erased by law."""
    row = getattr(entry, "auditdetail", None)
    if row is None or row.detail is None:
        return None
    return [(name, _format_fact(fact)) for name, fact in json.loads(row.detail).items()]


def _format_fact(fact: Any) -> str:
    if isinstance(fact, list):
        between = " → " if len(fact) == 2 else gettext(", ")
        return between.join(_format_fact(part) for part in fact)
    if isinstance(fact, dict) and fact:
        return gettext(", ").join(f"{name}{gettext(': ')}{_format_fact(part)}" for name, part in fact.items())
    return "–" if fact in (None, "", "None", {}) else str(fact)
