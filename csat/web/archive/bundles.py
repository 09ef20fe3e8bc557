"""Bundles of the archive: a quarter asked for, made by the worker, downloaded on record (P11, D5)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, send_file, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField

from csat import clock
from csat.adapters import files
from csat.config import Config
from csat.models.work import Job, JobState
from csat.procedure.archive import bundles, search
from csat.procedure.core.quarter import Quarter
from csat.web import jobs as job_pages
from csat.web.access import me, open_to
from csat.web.formatting import quarter as quarter_words
from csat.web.forms import StaffForm, choose
from csat.web.language import locale
from csat.web.pagination import slice_of
from csat.words import N_

blueprint = Blueprint("bundles", __name__, url_prefix="/archive/bundles")

EXPORT = "archive"
LANGUAGES = (("zh", N_("Chinese")), ("en", N_("English")))


class BundleForm(StaffForm):
    quarter = SelectField(_l("Quarter"), choices=[])
    language = RadioField(_l("Language of the questionnaires"), choices=[])


@blueprint.route("", methods=["GET", "POST"])
@open_to(EXPORT)
def index() -> Any:
    """All bundles, those under way, and the form for new ones."""
    form = _form()
    if form.validate_on_submit():
        quarter = Quarter.from_int(int(form.quarter.data))
        asked = form.take(bundles.ask, quarter, form.language.data, me(), clock.now())
        if asked and len(asked) == 1:
            return redirect(url_for("jobs.show", key=asked[0].id))
        if asked:
            flash(ngettext("%(num)s part is being made.", "%(num)s parts are being made.", len(asked)))
            return redirect(url_for(".index"))
    return _page(form), 422 if form.errors or form.form_errors else 200


@blueprint.get("/<int:key>.zip")
@open_to(EXPORT)
def download(key: int) -> Response:
    """The file of a bundle, a piece at a time; the download goes on record."""
    stored = bundles.fetch(me(), key, clock.now())
    config: Config = current_app.config["CSAT"]
    content = files.opened(config.files, stored.place)
    return send_file(content, stored.media_type, as_attachment=True, download_name=stored.name)


@job_pages.leads_to(bundles.KIND, N_("Making a bundle of the archive"))
def _made(job: Job) -> list[tuple[str, str]]:
    back = (url_for("bundles.index"), gettext("All bundles"))
    if job.state != JobState.DONE:
        return [back]
    return [(url_for("bundles.download", key=job.outcome["bundle"]), gettext("Download (ZIP)")), back]


@job_pages.tells(bundles.KIND)
def _told(job: Job) -> list[str]:
    return [
        gettext("What leaves with the file is your duty from now on: keep it safe, and delete it in time.")
    ]


def _form() -> BundleForm:
    form = BundleForm()
    counted = [(int(quarter), n) for quarter, n in search.quarters()]
    labels = [(str(code), f"{quarter_words(code)} · {_number_of(n)}") for code, n in counted]
    choose(form.quarter, labels)
    form.language.choices = [(code, gettext(label)) for code, label in LANGUAGES]
    form.language.data = form.language.data or locale()
    return form


def _number_of(responses: int) -> str:
    return ngettext("%(num)s response", "%(num)s responses", responses)


def _page(form: BundleForm) -> str:
    return render_template(
        "archive/bundles.html",
        form=form,
        listed=slice_of(bundles.made()),
        under_way=bundles.under_way(me()),
        kept_days=bundles.KEPT.days,
        in_a_part=bundles.IN_A_PART,
        languages=dict(LANGUAGES),
        is_over=lambda bundle: bundle.file is None or bundles.is_over(bundle, clock.now()),
    )
