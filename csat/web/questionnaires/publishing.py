"""Publishing a draft, taking a questionnaire out of use and back, and reading one out of a file (Q7, P14)."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import DateField, HiddenField
from wtforms.validators import InputRequired, Optional, Regexp

from csat import clock
from csat.models.base import expect_value
from csat.models.questionnaires import Questionnaire, QuestionnaireDraft, QuestionnaireVersion
from csat.procedure.authoring import checking, drafts, overview, publishing, toml_files
from csat.procedure.authoring.form_history import read_history
from csat.procedure.core.refusals import NotFound
from csat.procedure.questionnaires import questionnaires
from csat.procedure.questionnaires.comparison import CHANGE_LABELS, PART_LABELS, compare_forms
from csat.procedure.questionnaires.form_length import TELEPHONE, count_minutes
from csat.web.access import current_person, open_to
from csat.web.errors import translate_sentence
from csat.web.formatting import format_day, operator_zone
from csat.web.forms import ButtonForm, StaffForm, build_text_area, render_form, submit
from csat.web.questionnaires.measuring import measure_page

blueprint = Blueprint("questionnaire_publishing", __name__, url_prefix="/questionnaires")


class PublishForm(StaffForm):
    revision = HiddenField(validators=[InputRequired(), Regexp(r"\d{1,9}$")])
    reason = build_text_area(_l("Why it is changed"))
    starts_on = DateField(_l("From which day new campaigns use it"), [Optional()])


class ImportForm(StaffForm):
    file = FileField(_l("TOML file"))


@blueprint.route("/<code>/draft/publish", methods=["GET", "POST"])
@open_to("questionnaires")
def publish_draft(code: str) -> ResponseReturnValue:
    """The check list, what changes, and the button that publishes."""
    try:
        return _publish_or_show(code)
    except NotFound:
        if request.method == "GET":
            raise
        return _render_gone(questionnaires.get_questionnaire(code))


def _publish_or_show(code: str) -> ResponseReturnValue:
    draft = drafts.get_draft(code)
    form = PublishForm(data={"reason": draft.reason, "starts_on": draft.starts_on, "revision": str(draft.revision)})
    done = submit(
        form,
        lambda: _publish(draft, form),
        said=_describe_publication,
        to=lambda made: url_for("questionnaires.show_version", key=made.id),
    )
    return done or _render_publish_page(drafts.get_draft(code), form)


def _publish(draft: QuestionnaireDraft, form: PublishForm) -> QuestionnaireVersion:
    draft.revision = int(form.revision.data)  # the one whose check list the person has read
    day, by = form.starts_on.data, current_person()
    return publishing.publish_draft(draft, form.reason.data, day, by, clock.now(), operator_zone(), measure_page)


def _describe_publication(made: QuestionnaireVersion) -> str:
    if made.in_force_at == made.published_at:
        return gettext("Version %(number)s is published: new campaigns use it from now on.", number=made.number)
    told = {"number": made.number, "day": format_day(expect_value(made.in_force_at))}
    return gettext("Version %(number)s is published: new campaigns use it from %(day)s on.", **told)


def _render_publish_page(draft: QuestionnaireDraft, form: PublishForm) -> ResponseReturnValue:
    form.revision.data = str(draft.revision)  # the check list below is of this one
    content = drafts.read_draft(draft)
    history = read_history(content.code)
    checks = checking.check_form(content, history, measure_page)
    return render_form(
        "questionnaires/publish.html",
        form,
        draft=draft,
        content=content,
        checks=checks,
        publishable=checking.is_publishable(checks),
        history=history,
        editor=url_for("questionnaire_editor.edit_draft", code=content.code),
        changes=compare_forms(history.newest, content) if history.newest else [],
        change_labels=CHANGE_LABELS,
        part_labels=PART_LABELS,
        running=publishing.list_running_campaigns(draft.questionnaire),
        minutes=(count_minutes(content), count_minutes(content, TELEPHONE)),
        say=translate_sentence,
    )


def _render_gone(questionnaire: Questionnaire) -> ResponseReturnValue:
    """Somebody published or discarded the draft meanwhile: said with what was typed, so that it can be copied."""
    form = PublishForm()
    form.object_to(publishing.DraftGone())
    return render_template("questionnaires/gone.html", form=form, code=questionnaire.code), 409


@blueprint.route("/<code>/retire", methods=["GET", "POST"])
@open_to("questionnaires")
def retire_questionnaire(code: str) -> ResponseReturnValue:
    """Take a questionnaire out of use, or back into it, after a look at what that means."""
    questionnaire, form = questionnaires.get_questionnaire(code), ButtonForm()
    back = questionnaire.retired_at is not None
    verb = publishing.restore_questionnaire if back else publishing.retire_questionnaire
    done = submit(
        form,
        lambda: verb(questionnaire, current_person(), clock.now()),
        said=gettext("Done, and on record."),
        to=url_for("questionnaires.list_versions"),
    )
    return done or render_form(
        "questionnaires/retire.html",
        form,
        shown=next(one for one in overview.list_questionnaires(clock.now()) if one.form == questionnaire),
        back=back,
        needed=publishing.NEEDED.get(code),
        running=publishing.list_running_campaigns(questionnaire),
    )


@blueprint.route("/import", methods=["GET", "POST"])
@open_to("questionnaires")
def import_draft() -> ResponseReturnValue:
    """Read a questionnaire out of a TOML file: a new one, or the draft of a known one's next version."""
    form = ImportForm()
    if form.is_submitted() and not form.file.data:
        form.file.errors = [*form.file.errors, gettext("Please choose a file.")]
        return render_form("questionnaires/import.html", form)
    done = submit(
        form,
        lambda: _import_file(form),
        said=gettext("Imported as a draft. The check list says what is still missing."),
        to=lambda made: url_for("questionnaire_editor.edit_draft", code=made.questionnaire.code),
    )
    return done or render_form("questionnaires/import.html", form)


def _import_file(form: ImportForm) -> QuestionnaireDraft:
    content = toml_files.parse_toml(form.file.data.read(toml_files.MOST_BYTES + 1))
    return toml_files.import_form(content, current_person(), clock.now())
