"""The editor of a questionnaire's next version (Q7, P14): every button saves the whole page, then does one thing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_time, gettext
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField

from csat import clock
from csat.models.people import Person
from csat.models.questionnaires import Dimension, Kind, QuestionnaireDraft
from csat.procedure.authoring import checking, draft_work, drafts
from csat.procedure.authoring.checks import Check
from csat.procedure.authoring.draft_acts import Act, Saved, save_page
from csat.procedure.authoring.draft_work import Sent
from csat.procedure.authoring.form_history import read_history
from csat.procedure.core.refusals import NotFound
from csat.procedure.questionnaires import questionnaires, review
from csat.procedure.questionnaires.content import read_version
from csat.web.access import current_person, open_to
from csat.web.errors import describe_refusal, translate_sentence
from csat.web.formatting import localised_text
from csat.web.forms import ButtonForm, StaffForm, limit_length, render_form, require_input, set_choices, submit
from csat.web.questionnaires.editor_page import CHANGE_TAGS, build_page, name_place, parse_sent
from csat.words import N_

CLASHED = N_("A colleague changed the same place meanwhile. What stands there stays; yours is kept beside it.")
WRITTEN = ("_zh", "_en", draft_work.REASON)  # how the names of fields end in which sentences stand

blueprint = Blueprint("questionnaire_editor", __name__, url_prefix="/questionnaires")


class StartForm(StaffForm):
    code = StringField(_l("Code"), [*require_input(), limit_length(40)], render_kw={"spellcheck": "false"})
    source = SelectField(_l("Begin with"))


@blueprint.route("/new", methods=["GET", "POST"])
@open_to("questionnaires")
def start_questionnaire() -> ResponseReturnValue:
    """Begin a questionnaire that is new: blank, or as a copy."""
    form = StartForm()
    offered = questionnaires.list_offered_versions(clock.now())
    sources = {version.questionnaire.code: version for version in offered}
    titles = [(code, localised_text(version.title)) for code, version in sources.items()]
    set_choices(form.source, titles, gettext("Nothing: a blank questionnaire"))

    def start() -> QuestionnaireDraft:
        source = sources.get(form.source.data)
        content = read_version(source) if source else None
        return drafts.start_questionnaire(form.code.data, content, current_person(), clock.now())

    done = submit(
        form,
        start,
        said=gettext("The draft is begun. Nothing is published before you say so."),
        to=lambda draft: url_for(".edit_draft", code=draft.questionnaire.code),
    )
    return done or render_form("questionnaires/new.html", form)


@blueprint.post("/<code>/draft/start")
@open_to("questionnaires")
def start_draft(code: str) -> ResponseReturnValue:
    """Begin the next version of a questionnaire, or go on with the draft that there is."""
    drafts.start_draft(code, current_person(), clock.now())
    return redirect(url_for(".edit_draft", code=code))


@blueprint.get("/<code>/draft")
@open_to("questionnaires")
def edit_draft(code: str) -> str:
    """The draft with its check list and what differs from the version before."""
    draft = drafts.get_draft(code)
    work, history = draft_work.read_work(draft), read_history(code)
    checks = checking.check_form(work.form, history)
    saver = Person.get_or_none(Person.id == draft.saved_by_id)
    return render_template(
        "questionnaires/editor.html",
        form=ButtonForm(formdata=None),
        draft=draft,
        code=code,
        page=build_page(work, history, checks, review.newest_marks(draft.questionnaire)),
        removed=work.removed[-1].item if work.removed else None,
        history=history,
        checks=_describe_checks(checks),
        saver=saver,
        beside=saver is not None and saver.id != current_person().id,
        opened=request.args.get("open", ""),
        kinds=Kind,
        dimensions=Dimension,
        change_tags=CHANGE_TAGS,
        name_place=name_place,
    )


@blueprint.post("/<code>/draft")
@open_to("questionnaires")
def save_draft(code: str) -> ResponseReturnValue:
    """Save what the page holds, do what its button says, and go on where the reader was."""
    act, sent = _parse_act(), parse_sent(request.form)
    try:
        saved = save_page(code, sent, act, current_person(), clock.now())
    except NotFound:
        return _render_gone(code, sent)
    if act.verb == "autosave":
        return _report_autosave(saved, sent)
    for sentence, look in _describe(saved, act):
        flash(sentence, look)
    if act.verb == "publish" and not saved.merged.clashes:
        return redirect(url_for("questionnaire_publishing.publish_draft", code=code))
    if act.verb == "preview":
        return redirect(url_for("questionnaire_preview.show_preview", code=code))
    shut = act.verb in ("up", "down") and act.key not in saved.merged.changed  # moved as a row: it stays one
    place = saved.key or request.form.get("at") or None  # what the script saved already is no change any more
    return redirect(url_for(".edit_draft", code=code, open=None if shut else place, _anchor=place))


@blueprint.route("/<code>/draft/discard", methods=["GET", "POST"])
@open_to("questionnaires")
def discard_draft(code: str) -> ResponseReturnValue:
    """Give the draft up, after asking."""
    draft, form = drafts.get_draft(code), ButtonForm()
    done = submit(
        form,
        lambda: drafts.discard_draft(draft, current_person(), clock.now()),
        said=gettext("The draft is discarded, and it is on record."),
        to=url_for("questionnaires.list_versions"),
    )
    title = localised_text(draft.content["title"]) or code
    return done or render_form("questionnaires/discard.html", form, draft=draft, code=code, draft_title=title)


def _describe_checks(checks: Iterable[Check]) -> list[dict[str, Any]]:
    """The check list in the reader's words."""
    return [
        {"state": check.state, "said": translate_sentence(check.sentence, check.facts), "anchor": check.anchor}
        for check in checks
    ]


def _parse_act() -> Act:
    """The button: verb:key:detail; what a select beside it says is its detail."""
    verb, _, rest = request.form.get("do", "save").partition(":")
    key, _, detail = rest.partition(":")
    beside = {"add": f"kind-{key}", "move": f"to-{key}"}.get(verb, "")
    return Act(verb, key, request.form.get(beside, detail))


def _describe(saved: Saved, act: Act) -> list[tuple[str, str]]:
    said = []
    if saved.refusal:
        said.append((describe_refusal(saved.refusal), "bad"))
    if saved.merged.clashes:
        said.append((gettext(CLASHED), "bad"))
    if act.verb == "save" and not said:
        said.append((gettext("The draft is saved."), "message"))
    return said


def _report_autosave(saved: Saved, sent: dict[str, Sent]) -> dict[str, object]:
    """What the page's script is told: when it was saved, and the digests of what stands now."""
    work, clashes = draft_work.read_work(saved.draft), saved.merged.clashes
    said = gettext("Saved at %(time)s.", time=format_time(saved.draft.saved_at, "HH:mm"))
    if clashes:
        said = gettext("A colleague changed the same place meanwhile. Yours is kept beside it: save to see both.")
    # What clashed keeps the digest of what its page shows, so that it is not taken for seen.
    known = {key: work.digest_of(key, sent[key].fields) for key in saved.merged.changed if key not in clashes}
    return {"said": said, "was": known, "clash": bool(clashes)}


def _render_gone(code: str, sent: dict[str, Sent]) -> ResponseReturnValue:
    """The draft was published or discarded meanwhile: all that was changed on the page, to be copied."""
    changed = [item.fields for item in sent.values() if item.changed]
    typed = [text for fields in changed for name, text in fields.items() if text and name.endswith(WRITTEN)]
    if not typed:
        raise NotFound
    return render_template("questionnaires/editor_gone.html", code=code, texts=typed), 409
