"""Bundles of the archive: a quarter asked for, made by the worker, downloaded on record (P11, D5)."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField

from csat import clock
from csat.models.work import Job, JobState
from csat.procedure.archive import bundles, search
from csat.procedure.core.quarter import Quarter
from csat.web.access import asks_proof, current_person, open_to
from csat.web.downloads import stream_stored
from csat.web.formatting import format_quarter as quarter_words
from csat.web.forms import StaffForm, render_form, set_choices
from csat.web.jobs import register_job_links, register_job_messages
from csat.web.language import current_locale
from csat.web.pagination import paginate
from csat.words import N_

blueprint = Blueprint("bundles", __name__, url_prefix="/archive/bundles")

ARCHIVE_RIGHT = "archive"
BUNDLE_LANGUAGES = (("zh", N_("Chinese")), ("en", N_("English")))


class BundleForm(StaffForm):
    quarter = SelectField(_l("Quarter"), choices=[])
    language = RadioField(_l("Language of the questionnaires"), choices=[])


@blueprint.route("", methods=["GET", "POST"])
@open_to(ARCHIVE_RIGHT)
@asks_proof
def list_bundles() -> ResponseReturnValue:
    """All bundles, those under way, and the form for new ones."""
    form = _build_form()
    if form.validate_on_submit():
        quarter = Quarter.from_int(int(form.quarter.data))
        asked = form.take(bundles.queue_bundles, quarter, form.language.data, current_person(), clock.now())
        if asked and len(asked) == 1:  # one job has a page of its own; of several the list shows how far they are
            return redirect(url_for("jobs.show_job", key=asked[0].id))
        if asked:
            flash(ngettext("%(num)s part is being made.", "%(num)s parts are being made.", len(asked)))
            return redirect(url_for(".list_bundles"))
    return render_form(
        "archive/bundles.html",
        form,
        listed=paginate(bundles.select_bundles()),
        under_way=bundles.list_bundles_in_progress(current_person()),
        kept_days=bundles.BUNDLE_LASTS.days,
        in_a_part=bundles.RESPONSES_PER_PART,
        languages=dict(BUNDLE_LANGUAGES),
        is_over=lambda bundle: bundle.file is None or bundles.is_bundle_expired(bundle, clock.now()),
    )


@blueprint.get("/<int:key>.zip")
@open_to(ARCHIVE_RIGHT)
def download_bundle(key: int) -> Response:
    """The file of a bundle, a piece at a time; the download goes on record."""
    return stream_stored(bundles.download_bundle(current_person(), key, clock.now()))


@register_job_links(bundles.JOB_KIND, N_("Making a bundle of the archive"))
def _bundle_links(job: Job) -> list[tuple[str, str]]:
    back = (url_for("bundles.list_bundles"), gettext("All bundles"))
    if job.state != JobState.DONE:
        return [back]
    return [(url_for("bundles.download_bundle", key=job.outcome["bundle"]), gettext("Download (ZIP)")), back]


@register_job_messages(bundles.JOB_KIND)
def _bundle_messages(job: Job) -> list[str]:
    return [gettext("What leaves with the file is your duty from now on: keep it safe, and delete it in time.")]


def _build_form() -> BundleForm:
    form, labels = BundleForm(), []
    for quarter, n in search.list_quarters():
        counted = ngettext("%(num)s response", "%(num)s responses", n)
        labels.append((str(int(quarter)), f"{quarter_words(int(quarter))} · {counted}"))
    set_choices(form.quarter, labels)
    form.language.choices = [(code, gettext(label)) for code, label in BUNDLE_LANGUAGES]
    form.language.data = form.language.data or current_locale()  # a form that was sent keeps what was chosen in it
    return form
