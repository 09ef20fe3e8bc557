"""What was played: how often each act of the pages was done, and which were never.

A year without an act proves nothing about it, so `list_missing` has to come out empty.
"""

from __future__ import annotations

import re
from collections import Counter
from random import Random
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException

from tests.robot.hands import Form, Seen

CHOSEN = ("do", "decision", "outcome", "word")  # fields that say which of several acts a form does
# What answers with a page of its own instead of leading on.
SHOWN = re.compile(r"create_link|print_or_hand_over|unmask|opt_out|receipts|submit_survey|open_by_code")
# Acts that no robot plays, each with what tries it instead.
EXCUSED = {
    r"own_account|sign_in|accounts|persons|departments|audit": "who may what: tests/web/people",
    r"approvals|factor_roles|proof|second_factor": "whose account it is: tests/web/people, oversight",
    r"settings|days_off|survey_mails\.(?!ask)": "settings: tests/web/system, mail",
    r"clients\.(?!change_manager)|contacts\.(erase|retire)\w+": "master data: tests/web/clients",
    r"api|api_keys|json_\w+": "ticket systems: tests/web/incidents",
    r"client_import|incident_import|table_mapping|external_names": "tables from elsewhere: tests/web/incidents",
    r"questionnaire_(editor|preview|publishing)|preview_page": "questionnaires being made",
    r"mail\.(edit|restore)_template": "the words of mails: tests/web/mail",
    r"issue_types|department_names|dimension_names|due_days|commitments|risks": "settings of quality control",
    r"exports|bundles|reports\.render_draft": "only files",
    r"paper_forms\.(print|hand_over)_stack": "forms for nobody in particular: tests/web/campaigns",
    r"unproven": "for stores of version 1.0 only: tests/web/review",
}

# Acts that hang on several others, and that chance left out of every run so far: named by the summary, not demanded.
SELDOM = {
    *("attachments.withdraw_attachment", "confirmation.return", "incidents.edit_incident", "mail.count_as_sent"),
    *("feedback.ask_change", "feedback.ask_due", "feedback.assign_ticked_feedback", "feedback.change_plan"),
    *("feedback.evidence", "feedback.keep_due", "feedback.keep_plan", "feedback.link", "feedback.move_due"),
    *("feedback.unlink", "feedback.unmask_contact", "letter_board.propose_letter", "letter_page.confirm_reading"),
    *("letter_sending.count_as_sent", "letter_sending.create_link", "letter_sending.resend_mail"),
    *("letter_sending.withdraw_link", "letters.correct_letter", "letters.refresh_letter", "letters.take_back_letter"),
    *("overview.release_answers", "refusal_corrections.propose_correction", "refusal_corrections.show_correction"),
    *("refusal_corrections.withdraw_correction", "review.accept_ticked_responses", "review.ask_client"),
    *("risk_sheets.attach_files", "triage.triage_alike"),
}


class Acts:
    """Counts by endpoint, and by what was chosen on its form."""

    def __init__(self, app: Flask) -> None:
        self.places = app.url_map.bind("localhost")
        rules = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
        self.known = {rule.endpoint for rule in rules if not _excuse(rule.endpoint)}
        self.done: Counter[str] = Counter()

    def note(self, form: Form, sent: dict[str, Any], seen: Seen) -> None:
        """A form was sent."""
        if form.method != "post":
            return
        endpoint = self.name(form)
        if not seen.taken and not (seen.status == 200 and not seen.redirected and SHOWN.search(endpoint)):
            return
        self.done[endpoint] += 1
        for field in CHOSEN:
            if isinstance(sent.get(field), str) and sent[field]:
                self.done[f"{endpoint} {sent[field]}"] += 1

    def name(self, form: Form) -> str:
        """The endpoint that a form goes to."""
        try:
            return str(self.places.match(urlsplit(form.action).path, method="POST")[0])
        except HTTPException:
            return form.action

    def rarest(self, dice: Random, endpoint: str, options: list[str]) -> str:
        """Of several choices the one that was made least often."""
        return min(dice.sample(options, len(options)), key=lambda one: self.done[f"{endpoint} {one}".strip()])

    def list_missing(self) -> list[str]:
        """The acts that were never done."""
        return sorted(self.known - set(self.done))

    def summary(self) -> str:
        """A line for each act, and those that never happened."""
        lines = [f"{number:6} {act}" for act, number in sorted(self.done.items())]
        return "\n".join([*lines, f"never: {', '.join(self.list_missing()) or 'none'}"])


def _excuse(endpoint: str) -> str:
    return next((why for pattern, why in EXCUSED.items() if re.match(pattern, endpoint)), "")
