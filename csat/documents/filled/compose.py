"""A response as the filled questionnaire (P11): every question in its order, with what was answered.

Facts are gathered for many responses at once. An anonymous one shows no instant and no person, since it has
none; whatever else is shown of it stands in its row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from peewee import JOIN

from csat.adapters import pdf as adapter
from csat.config import PROJECT_ROOT
from csat.documents.filled.answers import SCALE_KINDS, AnsweredQuestion, build_sections, read_answers
from csat.documents.locale_format import LocaleFormat
from csat.documents.masking import mask_text
from csat.documents.rendering import render_template
from csat.models.answers import Response, Verdict, Verification
from csat.models.asking import Channel
from csat.models.clients import Client, Contact, Incident
from csat.models.corrections import Correction, CorrectionState
from csat.models.people import Person
from csat.models.questionnaires import Question, Questionnaire, QuestionnaireVersion
from csat.procedure.core.contact_details import mask_address, mask_email, mask_name, mask_telephone
from csat.procedure.questionnaires import questionnaires
from csat.procedure.questionnaires.answers import GivenAnswer
from csat.procedure.review import corrections
from csat.words import N_


@dataclass(frozen=True)
class ReviewNote:
    """A decision or a correction: what became of it, why, and, of a named response, who and when."""

    what: str
    state: str
    why: str
    who: str = ""


@dataclass(frozen=True)
class FilledQuestionnaire:
    """One filled questionnaire in one language."""

    key: int
    title: str
    version: str
    verdict: str
    state: Verdict
    facts: tuple[tuple[str, str], ...]
    sections: tuple[tuple[str, tuple[AnsweredQuestion, ...]], ...]
    remarks: tuple[ReviewNote, ...]


@dataclass
class _Found:
    """What is read once for a batch."""

    tongue: LocaleFormat
    with_names: bool
    questions: dict[int, list[Question]] = field(default_factory=dict)
    answers: dict[int, dict[int, GivenAnswer]] = field(default_factory=dict)
    verdicts: dict[int, list[Verification]] = field(default_factory=dict)
    corrections: dict[int, list[Correction]] = field(default_factory=dict)


def collect_questionnaires(
    keys: Sequence[int], tongue: LocaleFormat, with_names: bool = True
) -> list[FilledQuestionnaire]:
    """The responses with these keys, in this order; without names, a respondent's is masked (D2)."""
    found = _read_batch(keys, tongue, with_names)
    found_ = {response.id: response for response in select_responses(keys)}
    return [_filled(found_[key], found) for key in keys if key in found_]


def render_pdf(filled: Sequence[FilledQuestionnaire], tongue: LocaleFormat, title: str, made_at: datetime) -> bytes:
    """Filled questionnaires on paper, each on a new page and with its bookmark."""
    html = render_template(
        "archive/filled_paper.html", tongue.language, all=filled, t=tongue, scales=SCALE_KINDS, title=title
    )
    return adapter.render_pdf(html, PROJECT_ROOT / "static" / "filled.css", made_at)


# --- reading -----------------------------------------------------------------------------------------


def select_responses(keys: Sequence[int]) -> Iterable[Response]:
    """The responses with these keys and all that a page tells of them, in the order of their keys."""
    recorder = Person.alias()
    query = Response.select(Response, QuestionnaireVersion, Questionnaire, Client, Contact, Incident, recorder)
    query = query.join(QuestionnaireVersion).join(Questionnaire)
    for table in (Client, Contact, Incident):
        query = query.join_from(Response, table, JOIN.LEFT_OUTER)
    joined = query.join_from(
        Response, recorder, JOIN.LEFT_OUTER, on=(Response.recorder == recorder.id), attr="recorder"
    )
    return cast(Iterable[Response], joined.where(Response.id.in_(list(keys))).order_by(Response.id))


def _read_batch(keys: Sequence[int], tongue: LocaleFormat, with_names: bool) -> _Found:
    answers, made = read_answers(keys), corrections.corrections_of(keys)
    found = _Found(tongue, with_names, answers=answers, corrections=made)
    decided = Verification.select(Verification, Person).join(Person).order_by(Verification.id)
    for row in decided.where(Verification.response.in_(keys)):
        found.verdicts.setdefault(row.response_id, []).append(row)
    return found


def _filled(response: Response, found: _Found) -> FilledQuestionnaire:
    tongue, version = found.tongue, response.version
    say = tongue.texts.gettext
    if version.id not in found.questions:
        found.questions[version.id] = questionnaires.questions_of(version)
    return FilledQuestionnaire(
        key=response.id,
        title=tongue.text(version.title),
        version=say(N_("version %(number)s")) % {"number": version.number},
        verdict=tongue.term(Verdict, response.verdict),
        state=response.verdict,
        facts=tuple(_facts(response, found)),
        sections=tuple(
            build_sections(
                found.questions[version.id], found.answers[response.id], found.corrections[response.id], tongue
            )
        ),
        remarks=tuple(_remarks(response, found)),
    )


# --- what is known of it -----------------------------------------------------------------------------


def _facts(response: Response, found: _Found) -> Iterator[tuple[str, str]]:
    """What is known of a response beside its answers."""
    tongue = found.tongue
    say = tongue.texts.gettext
    yield say(N_("Client")), tongue.name(response.client) or say(N_("Client not named"))
    yield say(N_("Quarter")), tongue.quarter(response.quarter)
    yield say(N_("Channel")), tongue.term(Channel, response.channel)
    if response.anonymous:
        yield say(N_("Respondent")), say(N_("Somebody who stays anonymous"))
        return
    yield say(N_("Respondent")), _who(response, found)
    if response.received_at:
        yield say(N_("Received")), tongue.instant(response.received_at.isoformat())
    if response.incident:
        title = response.incident.title
        yield say(N_("Incident")), " · ".join(filter(None, [response.incident.number, title]))
    if response.recorder:
        yield say(N_("Recorded by")), response.recorder.name


def _who(response: Response, found: _Found) -> str:
    """Who answered, by name, with how to reach them masked (D2)."""
    say = found.tongue.texts.gettext
    if response.erased_at:
        day = found.tongue.day(response.erased_at.isoformat())
        return say(N_("Details erased on %(day)s")) % {"day": day}
    contact = response.contact
    name = response.respondent_name or (contact.name if contact else "")
    shown, reached = (str, mask_text) if found.with_names else (mask_name, mask_address)
    reach = [reached(response.respondent_reach)] if response.respondent_reach else []
    if contact and not reach:
        reach = [mask_telephone(contact.telephone), mask_email(contact.email)]
    return " · ".join(filter(None, [shown(name), *reach])) or "–"


def _remarks(response: Response, found: _Found) -> Iterator[ReviewNote]:
    """Decisions and corrections; of an anonymous response without the instants that lie around it."""
    tongue = found.tongue
    say, named = tongue.texts.gettext, not response.anonymous
    for row in found.verdicts.get(response.id, ()):
        who = _by(row.by, row.at, tongue) if named else ""
        yield ReviewNote(say(N_("Verdict")), tongue.term(Verdict, row.verdict), row.reason, who)
    for one in found.corrections[response.id]:
        state, what = tongue.term(CorrectionState, one.state), say(N_("Correction"))
        who = _by(one.proposed_by, one.proposed_at, tongue)
        yield ReviewNote(what, say(N_("Proposed")), one.reason, who)
        if one.decided_by is not None and one.decided_at is not None:
            yield ReviewNote(what, state, one.note, _by(one.decided_by, one.decided_at, tongue))


def _by(person: Person, at: datetime, tongue: LocaleFormat) -> str:
    return f"{person.name}, {tongue.instant(at.isoformat())}"
