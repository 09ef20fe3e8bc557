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
class MenuEntry:
    """A page of the rail: where, what it is called, who sees it, and how to count what waits."""

    endpoint: str
    label: str
    right: str
    waits: Callable[..., int] | None = None
    late: Callable[..., int] | None = None  # how much of what waits is overdue


MENU_GROUPS: tuple[tuple[str, tuple[MenuEntry, ...]], ...] = (
    (
        N_("Service desk"),
        (
            MenuEntry("desk.list_due_surveys", N_("Surveys due"), "desk", worklists.count_surveys_due),
            MenuEntry("triage.list_responses", N_("First sorting"), "sorting", worklists.count_untriaged),
            MenuEntry("incidents.list_incidents", N_("Incidents"), "incidents.see"),
        ),
    ),
    (
        N_("Asking"),
        (
            MenuEntry("campaigns.list_campaigns", N_("Campaigns"), "campaigns"),
            MenuEntry(
                "follow_up.list_follow_ups",
                N_("Checks after closing"),
                "campaigns",
                worklists.count_follow_ups_to_hand_over,
            ),
            MenuEntry("mail.list_outbox", N_("Mail"), "campaigns", worklists.count_unclear_mails),
            MenuEntry(
                "letter_board.list_letters", N_("Letters to clients"), "letters.see", worklists.count_letters
            ),
            MenuEntry("questionnaires.list_versions", N_("Questionnaires"), "questionnaires"),
            MenuEntry("mail.list_templates", N_("Words of the mails"), "mail.wording"),
        ),
    ),
    (
        N_("Quality control"),
        (
            MenuEntry("overview.show_overview", N_("This quarter"), "figures"),
            MenuEntry("review.list_queue", N_("To be verified"), "review", worklists.count_to_verify),
            MenuEntry(
                "check_calls.list_check_calls", N_("Check calls"), "review", worklists.count_check_calls
            ),
            MenuEntry(
                "review.list_refusals",
                N_("Refusals to confirm"),
                "refusals.second",
                worklists.count_refusals_to_second,
            ),
            MenuEntry(
                "corrections.list_corrections",
                N_("Corrections to confirm"),
                "refusals.second",
                worklists.count_corrections_to_second,
            ),
            MenuEntry(
                "review.list_proposals",
                N_("Proposed feedback"),
                "feedback.classify",
                worklists.count_to_classify,
            ),
            MenuEntry(
                "review.list_receipt_answers",
                N_("Answers on receipt pages"),
                "review",
                worklists.count_answered_receipts,
            ),
        ),
    ),
    (
        N_("Improvement"),
        (
            MenuEntry(
                "feedback.show_board",
                N_("Feedback"),
                "feedback.see",
                worklists.count_feedback_turns,
                worklists.count_overdue_feedback,
            ),
            MenuEntry("feedback.show_entry_form", N_("Enter feedback"), "feedback.enter"),
            MenuEntry(
                "confirmation.list_unconfirmed",
                N_("To be confirmed"),
                "feedback.confirm",
                worklists.count_to_confirm,
            ),
            MenuEntry("archive.search_responses", N_("Archive"), "responses.read"),
            MenuEntry(
                "commitments.list_commitments",
                N_("Commitments"),
                "commitments.see",
                worklists.count_commitments,
            ),
            MenuEntry("risks.show_matrix", N_("Service risks"), "risks.see", worklists.count_risk_points),
        ),
    ),
    (
        N_("Reports"),
        (
            MenuEntry(
                "reports.list_reports",
                N_("Quarterly reports"),
                "reports.read",
                worklists.count_reports_to_sign,
            ),
            MenuEntry("exports.request_export", N_("Exports"), "exports"),
        ),
    ),
    (
        N_("Administration"),
        (
            MenuEntry("clients.list_clients", N_("Clients"), "clients.see"),
            MenuEntry("people.list_persons", N_("Persons"), "people"),
            MenuEntry("people.list_departments", N_("Departments"), "departments"),
            MenuEntry("people.list_accounts", N_("Accounts"), "accounts"),
            MenuEntry("api_keys.list_api_keys", N_("Ticket systems"), "api"),
            MenuEntry("settings.edit_settings", N_("Settings"), "settings"),
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
    (Role.MANAGER, "campaigns.list_campaigns"),
    (Role.DIRECTOR, "overview.show_overview"),
    (Role.ADMIN, "people.list_accounts"),
)


def init_app(app: Flask) -> None:
    """Let the staff's pages draw the rail."""
    app.context_processor(lambda: {"rail": build_menu})


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
    return url_for("sign_in.show_account")


def _render_entry(place: MenuEntry) -> dict[str, object]:
    return {
        "address": url_for(place.endpoint),
        "label": gettext(place.label),
        "here": request.endpoint == place.endpoint,
        "waits": place.waits(current_user.person) if place.waits else 0,
        "late": place.late(current_user.person) if place.late else 0,
    }
