"""The history: who did what to what, and whether anybody tampered with it (D3)."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from csat.models.people import Person
from csat.models.records import AuditEntry
from csat.procedure.core import audit
from csat.web.access import me, open_to
from csat.web.formatting import zone
from csat.web.pagination import slice_of

blueprint = Blueprint("audit", __name__)


@blueprint.get("/admin/audit")
@open_to("audit")
def index() -> str:
    """Search the whole history."""
    return _page(None)


@blueprint.get("/admin/audit/mine")
@open_to("audit.own")
def own() -> str:
    """One's own acts."""
    return _page(me())


@blueprint.post("/admin/audit/verify")
@open_to("audit")
def verify() -> Response:
    """Compute every seal anew and say whether the history is whole."""
    broken = audit.first_broken()
    if broken is None:
        flash(gettext("The history is whole: every seal fits."))
    else:
        flash(
            gettext(
                "Entry %(key)s was changed after it was written, or one before it is missing.", key=broken.id
            ),
            "bad",
        )
    return redirect(url_for(".index"))


def _page(by: Person | None) -> str:
    asked = {
        name: request.args.get(name, "").strip() for name in ("action", "who", "subject", "since", "until")
    }
    since, until = _day(asked["since"]), _day(asked["until"])
    entries = slice_of(
        audit.search(
            asked["action"],
            asked["who"],
            asked["subject"],
            _midnight(since) if since else None,
            _midnight(until + timedelta(days=1)) if until else None,
            by,
        )
    )
    return render_template(
        "system/audit.html",
        entries=entries,
        details={entry.id: _detail(entry) for entry in entries.rows},
        names=audit.actor_names(entries.rows),
        subjects=audit.subject_names(entries.rows),
        actions=audit.actions(),
        asked=asked,
        own=by is not None,
    )


def _detail(entry: AuditEntry) -> list[tuple[str, str]] | None:
    """The facts of an entry; None when they were erased by law."""
    row: Any = getattr(entry, "auditdetail", None)
    if row is None or row.detail is None:
        return None
    return [(name, _plain(fact)) for name, fact in json.loads(row.detail).items()]


def _plain(fact: Any) -> str:
    if isinstance(fact, list):
        between = " → " if len(fact) == 2 else gettext(", ")
        return between.join(_plain(part) for part in fact)
    return "–" if fact in (None, "", "None") else str(fact)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1970 <= day.year < 9999 else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone())
