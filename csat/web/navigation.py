"""The rail on the left: for each role what it works on, with how much waits there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, request, url_for
from flask_babel import gettext
from flask_login import current_user

from csat.models.roles import Role
from csat.procedure.worklists import worklists
from csat.words import N_


@dataclass(frozen=True)
class Place:
    """A page of the rail: where, what it is called, who sees it, and how to count what waits."""

    endpoint: str
    label: str
    right: str
    waits: Callable[..., int] | None = None
    late: Callable[..., int] | None = None  # how much of what waits is overdue


GROUPS: tuple[tuple[str, tuple[Place, ...]], ...] = (
    (
        N_("Service desk"),
        (
            Place("service_desk.index", N_("Surveys due"), "desk", worklists.surveys_due),
            Place("sorting.index", N_("First sorting"), "sorting", worklists.to_sort),
            Place("incidents.index", N_("Incidents"), "incidents.see"),
        ),
    ),
    (
        N_("Asking"),
        (
            Place("campaigns.index", N_("Campaigns"), "campaigns"),
            Place(
                "closing_checks.index",
                N_("Checks after closing"),
                "campaigns",
                worklists.checks_to_hand_over,
            ),
            Place("mail.outbox", N_("Mail"), "campaigns", worklists.mail_troubles),
            Place("letters.index", N_("Letters to clients"), "letters.see", worklists.letters),
            Place("questionnaires.index", N_("Questionnaires"), "questionnaires"),
            Place("mail.wordings", N_("Words of the mails"), "mail.wording"),
        ),
    ),
    (
        N_("Quality control"),
        (
            Place("overview.index", N_("This quarter"), "figures"),
            Place("qa_review.queue", N_("To be verified"), "review", worklists.to_verify),
            Place("check_calls.index", N_("Check calls"), "review", worklists.check_calls),
            Place("qa_review.refusals", N_("Refusals to confirm"), "refusals.second", worklists.to_second),
            Place("corrections.index", N_("Corrections to confirm"), "refusals.second", worklists.to_correct),
            Place("qa_review.proposals", N_("Proposed feedback"), "feedback.classify", worklists.to_classify),
            Place(
                "qa_review.receipts_answered",
                N_("Answers on receipt pages"),
                "review",
                worklists.answered_receipts,
            ),
        ),
    ),
    (
        N_("Improvement"),
        (
            Place(
                "feedback.board",
                N_("Feedback"),
                "feedback.see",
                worklists.feedback_for,
                worklists.overdue_feedback,
            ),
            Place("feedback.new", N_("Enter feedback"), "feedback.enter"),
            Place("improvement.queue", N_("To be confirmed"), "feedback.confirm", worklists.to_confirm),
            Place("archive.index", N_("Archive"), "responses.read"),
            Place("commitments.index", N_("Commitments"), "commitments.see", worklists.commitments_waiting),
            Place("risks.index", N_("Service risks"), "risks.see", worklists.risk_points),
        ),
    ),
    (
        N_("Reports"),
        (
            Place("reports.index", N_("Quarterly reports"), "reports.read", worklists.to_sign),
            Place("exports.index", N_("Exports"), "exports"),
        ),
    ),
    (
        N_("Administration"),
        (
            Place("clients.index", N_("Clients"), "clients.see"),
            Place("people.persons", N_("Persons"), "people"),
            Place("people.departments", N_("Departments"), "departments"),
            Place("people.accounts", N_("Accounts"), "accounts"),
            Place("api_keys.index", N_("Ticket systems"), "api"),
            Place("settings.index", N_("Settings"), "settings"),
            Place("audit.index", N_("History"), "audit"),
            Place("audit.own", N_("My acts"), "audit.own"),
        ),
    ),
)


# Where a role begins; of several roles the one that stands first, whose work has the shortest time.
FIRST: tuple[tuple[Role, str], ...] = (
    (Role.DESK, "service_desk.index"),
    (Role.QA, "overview.index"),
    (Role.DEPARTMENT, "feedback.board"),
    (Role.IMPROVEMENT, "improvement.queue"),
    (Role.MANAGER, "campaigns.index"),
    (Role.DIRECTOR, "overview.index"),
    (Role.ADMIN, "people.accounts"),
)


def init_app(app: Flask) -> None:
    """Let the staff's pages draw the rail."""
    app.context_processor(lambda: {"rail": rail})


def rail() -> list[tuple[str, list[dict[str, object]]]]:
    """The groups this person has work in: (title, its places)."""
    groups = []
    for title, places in GROUPS:
        mine = [_drawn(place) for place in places if current_user.may(place.right)]
        if mine:
            groups.append((gettext(title), mine))
    return groups


def first_page() -> str:
    """Where a person begins: what their role works on, else the first place they may see."""
    for role, endpoint in FIRST:
        if role in current_user.roles:
            return url_for(endpoint)
    for _, places in GROUPS:
        for place in places:
            if current_user.may(place.right):
                return url_for(place.endpoint)
    return url_for("sign_in.account")


def _drawn(place: Place) -> dict[str, object]:
    return {
        "address": url_for(place.endpoint),
        "label": gettext(place.label),
        "here": request.endpoint == place.endpoint,
        "waits": place.waits(current_user.person) if place.waits else 0,
        "late": place.late(current_user.person) if place.late else 0,
    }
