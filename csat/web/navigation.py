"""The rail on the left: for each role what it works on, with how much waits there."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, request, url_for
from flask_babel import gettext
from flask_login import current_user

from csat import clock
from csat.models.roles import Role
from csat.procedure.people import notices
from csat.procedure.worklists.worklists import WORKLISTS, Worklist
from csat.web.access import current_person
from csat.web.formatting import operator_zone
from csat.words import N_


@dataclass(frozen=True)
class MenuEntry:
    """A page of the rail: where it is, what it is called, who sees it, and the work that waits there."""

    endpoint: str
    label: str
    right: str
    worklist: Worklist | None = None


def _place_of(endpoint: str, work: str) -> MenuEntry:
    """A page at which work waits: label and right are the work's."""
    worklist = WORKLISTS[work]
    return MenuEntry(endpoint, worklist.label, worklist.right, worklist)


MENU_GROUPS: tuple[tuple[str, tuple[MenuEntry, ...]], ...] = (
    (
        N_("Service desk"),
        (
            _place_of("desk.list_due_surveys", "surveys"),
            _place_of("triage.list_responses", "sorting"),
            MenuEntry("incidents.list_incidents", N_("Incidents"), "incidents.see"),
        ),
    ),
    (
        N_("Clients in care"),
        (
            _place_of("own_clients.list_own_clients", "own_clients"),
            MenuEntry("own_clients.list_answers", N_("Named answers"), "clients.own"),
        ),
    ),
    (
        N_("Asking"),
        (
            MenuEntry("campaigns.list_campaigns", N_("Campaigns"), "campaigns"),
            _place_of("paper_entry.enter_paper", "paper"),
            _place_of("follow_up.list_follow_ups", "checks"),
            _place_of("mail.list_outbox", "mail"),
            _place_of("letter_board.list_letters", "letters"),
            MenuEntry("questionnaires.list_versions", N_("Questionnaires"), "questionnaires.see"),
            MenuEntry("mail.list_templates", N_("Words of the mails"), "mail.wording"),
        ),
    ),
    (
        N_("Quality control"),
        (
            MenuEntry("overview.show_overview", N_("This quarter"), "figures"),
            _place_of("review.list_queue", "review"),
            _place_of("check_calls.list_check_calls", "check_calls"),
            _place_of("review.list_refusals", "refusals"),
            _place_of("corrections.list_corrections", "corrections"),
            _place_of("review.list_proposals", "proposals"),
            _place_of("review.list_receipt_answers", "receipts"),
            _place_of("questionnaire_review.list_reviews", "questionnaire_reviews"),
            MenuEntry("issue_types.list_types", N_("Classification settings"), "classification"),
        ),
    ),
    (
        N_("Improvement"),
        (
            _place_of("feedback.show_board", "feedback"),
            MenuEntry("feedback.show_entry_form", N_("Enter feedback"), "feedback.enter"),
            MenuEntry("feedback.list_entered", N_("What I entered"), "feedback.enter"),
            MenuEntry("feedback.list_own_work", N_("About my work"), "work.own"),
            MenuEntry("feedback.list_praise", N_("Praise"), "praise.see"),
            _place_of("confirmation.list_unconfirmed", "confirmation"),
            MenuEntry("archive.search_responses", N_("Archive"), "responses.read"),
            _place_of("commitments.list_commitments", "commitments"),
            _place_of("risks.show_matrix", "risks"),
        ),
    ),
    (
        N_("Reports"),
        (_place_of("reports.list_reports", "reports"), MenuEntry("exports.request_export", N_("Exports"), "exports")),
    ),
    (
        N_("Administration"),
        (
            MenuEntry("clients.list_clients", N_("Clients"), "clients.see"),
            MenuEntry("persons.list_persons", N_("Persons"), "people"),
            MenuEntry("departments.list_departments", N_("Departments"), "departments"),
            MenuEntry("accounts.list_accounts", N_("Accounts"), "accounts"),
            _place_of("approvals.list_requests", "approvals"),
            _place_of("role_confirmations.list_accounts", "role_confirmations"),
            MenuEntry("api_keys.list_api_keys", N_("Ticket systems"), "api"),
            MenuEntry("settings.edit_settings", N_("Settings"), "settings"),
            MenuEntry("days_off.list_days", N_("Days off"), "settings"),
            MenuEntry("audit.search_history", N_("History"), "audit"),
            MenuEntry("audit.list_own_entries", N_("My acts"), "audit.own"),
        ),
    ),
)


# Where a role begins; of several roles the one that stands first, whose work has the shortest time.
START_PAGES: tuple[tuple[Role, str], ...] = (
    (Role.DESK, "desk.list_due_surveys"),
    (Role.QA, "overview.show_overview"),
    (Role.DEPARTMENT, "feedback.show_board"),
    (Role.IMPROVEMENT, "confirmation.list_unconfirmed"),
    (Role.MANAGER, "own_clients.list_own_clients"),
    (Role.DIRECTOR, "overview.show_overview"),
    (Role.ADMIN, "accounts.list_accounts"),
)


def init_app(app: Flask) -> None:
    """Let the staff's pages draw the rail."""
    app.context_processor(lambda: {"rail": build_menu, "count_unread": _count_unread})


def build_menu() -> list[tuple[str, list[dict[str, object]]]]:
    """The groups this person has work in: (title, its places)."""
    groups = []
    for title, places in MENU_GROUPS:
        mine = [_render_entry(place) for place in places if current_user.may(place.right)]
        if mine:
            groups.append((gettext(title), mine))
    return groups


def find_start_page() -> str:
    """Where a person begins: what their role works on, else the first place they may see."""
    for role, endpoint in START_PAGES:
        if role in current_user.roles:
            return url_for(endpoint)
    for _, places in MENU_GROUPS:
        for place in places:
            if current_user.may(place.right):
                return url_for(place.endpoint)
    return url_for("own_account.show_account")


def _render_entry(place: MenuEntry) -> dict[str, object]:
    waits, late = _read_standing(place.worklist) if place.worklist else (0, 0)
    return {
        "address": url_for(place.endpoint),
        "label": gettext(place.label),
        "here": request.endpoint == place.endpoint,
        "waits": waits,
        "late": late,
    }


def _read_standing(worklist: Worklist) -> tuple[int, int]:
    return worklist.read_standing(current_person(), clock.now(), operator_zone())


def _count_unread() -> int:
    return notices.count_unread_notices(current_person())
