"""A preview at /preview/<token>: anybody who has the link can try the form; nothing is kept of it (Q7)."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from werkzeug.exceptions import InternalServerError

from csat import clock
from csat.procedure.authoring import preview_links
from csat.procedure.authoring.preview_links import PreviewOver
from csat.procedure.campaigns import samples
from csat.procedure.core.refusals import LinkUnknown
from csat.web.access import ANYONE, open_to
from csat.web.public_pages import open_public_page
from csat.web.questionnaires.trials import Trial, run_trial
from csat.web.survey import submission

blueprint = Blueprint("preview_page", __name__)
blueprint.before_request(open_public_page)
blueprint.register_error_handler(LinkUnknown, submission.show_unknown_link)
blueprint.register_error_handler(InternalServerError, submission.show_server_error)


@blueprint.route("/preview/<token>", methods=["GET", "POST"])
@open_to(ANYONE)
def try_form(token: str) -> tuple[str, int]:
    """The form as a respondent sees it; sent, it is checked and thanked for, and forgotten."""
    link, preview = preview_links.open_preview(token, clock.now())
    naming = samples.list_namings(preview.code)[0]
    return run_trial(Trial(preview, url_for(".try_form", token=token), naming, link.expires_at))


@blueprint.errorhandler(PreviewOver)
def show_end(refusal: PreviewOver) -> tuple[str, int]:
    """A real link whose time is over, or whose draft was published or given up: its own page, 410."""
    return render_template("questionnaires/preview_over.html"), 410
