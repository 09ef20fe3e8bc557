"""A response as the filled questionnaire (P11): every question in its order, with what was answered.

Facts are gathered for many responses at once. An anonymous one shows no instant and no person, since it has
none; whatever else is shown of it stands in its row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from peewee import JOIN

from csat.adapters import pdf as adapter
from csat.config import PROJECT_ROOT
from csat.documents.filled.answers import SCALE_KINDS, AnsweredQuestion, build_sections, read_answers
from csat.documents.locale_format import LocaleFormat
from csat.documents.rendering import render_template
from csat.models.answers import Response, Verdict, Verification
from csat.models.asking import Channel
from csat.models.clients import Client, Contact, Incident
from csat.models.corrections import Correction, CorrectionState
from csat.models.people import Person
from csat.models.questionnaires import Question, Questionnaire, QuestionnaireVersion
from csat.procedure.core.contact_details import mask_address, mask_email, mask_name, mask_telephone, mask_text
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
class _Batch:
    """What is read once for many responses."""

    tongue: LocaleFormat
    with_names: bool
    questions: dict[int, list[Question]]
    answers: dict[int, dict[int, GivenAnswer]]
    verdicts: dict[int, list[Verification]]
    corrections: dict[int, list[Correction]]


def collect_questionnaires(
    keys: Sequence[int], tongue: LocaleFormat, with_names: bool = True
) -> list[FilledQuestionnaire]:
    """The responses with these keys, in this order; without names, a respondent's is masked (D2)."""
    verdicts: dict[int, list[Verification]] = defaultdict(list)
    decided = Verification.select(Verification, Person).join(Person).order_by(Verification.id)
    for row in decided.where(Verification.response.in_(keys)):
        verdicts[row.response_id].append(row)
    responses = {response.id: response for response in select_responses(keys)}
    forms = {response.version.id: response.version for response in responses.values()}
    questions = {key: questionnaires.questions_of(version) for key, version in forms.items()}
    made = corrections.corrections_of(keys)
    found = _Batch(tongue, with_names, questions, read_answers(keys), verdicts, made)
    return [_fill_questionnaire(responses[key], found) for key in keys if key in responses]


def render_pdf(filled: Sequence[FilledQuestionnaire], tongue: LocaleFormat, title: str, made_at: datetime) -> bytes:
    """Filled questionnaires on paper, each on a new page and with its bookmark."""
    shown = {"all": filled, "t": tongue, "scales": SCALE_KINDS, "title": title}
    html = render_template("archive/filled_paper.html", tongue.language, **shown)
    return adapter.render_pdf(html, PROJECT_ROOT / "static" / "filled.css", made_at)


def select_responses(keys: Sequence[int]) -> Iterable[Response]:
    """The responses with these keys and all that a page tells of them, in the order of their keys."""
    recorder = Person.alias()
    query = Response.select(Response, QuestionnaireVersion, Questionnaire, Client, Contact, Incident, recorder)
    query = query.join(QuestionnaireVersion).join(Questionnaire)
    for table in (Client, Contact, Incident):
        query = query.join_from(Response, table, JOIN.LEFT_OUTER)
    by_recorder = Response.recorder == recorder.id
    joined = query.join_from(Response, recorder, JOIN.LEFT_OUTER, on=by_recorder, attr="recorder")
    return cast(Iterable[Response], joined.where(Response.id.in_(list(keys))).order_by(Response.id))


def _fill_questionnaire(response: Response, found: _Batch) -> FilledQuestionnaire:
    tongue, version, key = found.tongue, response.version, response.id
    sections = build_sections(found.questions[version.id], found.answers[key], found.corrections[key], tongue)
    return FilledQuestionnaire(
        key=key,
        title=tongue.text(version.title),
        version=tongue.texts.gettext(N_("version %(number)s")) % {"number": version.number},
        verdict=tongue.term(Verdict, response.verdict),
        state=response.verdict,
        facts=tuple(_list_facts(response, found)),
        sections=tuple(sections),
        remarks=tuple(_list_notes(response, found)),
    )


def _list_facts(response: Response, found: _Batch) -> Iterator[tuple[str, str]]:
    tongue, say = found.tongue, found.tongue.texts.gettext
    yield say(N_("Client")), tongue.name(response.client) or say(N_("Client not named"))
    yield say(N_("Quarter")), tongue.quarter(response.quarter)
    yield say(N_("Channel")), tongue.term(Channel, response.channel)
    if response.anonymous:  # whatever else is known lies near a person or an instant
        yield say(N_("Respondent")), say(N_("Somebody who stays anonymous"))
        return
    yield say(N_("Respondent")), _describe_respondent(response, found)
    if response.received_at:
        yield say(N_("Received")), tongue.instant(response.received_at.isoformat())
    if response.incident:
        yield say(N_("Incident")), " · ".join(filter(None, [response.incident.number, response.incident.title]))
    if response.recorder:
        yield say(N_("Recorded by")), response.recorder.name


def _describe_respondent(response: Response, found: _Batch) -> str:
    """Who answered, by name, with how to reach them masked (D2)."""
    say = found.tongue.texts.gettext
    if response.erased_at:
        day = found.tongue.day(response.erased_at.isoformat())
        return say(N_("Details erased on %(day)s")) % {"day": day}
    contact = response.contact
    name = response.respondent_name or (contact.name if contact else "")  # who follows their own link need not type it
    shown, reached = (str, mask_text) if found.with_names else (mask_name, mask_address)
    reach = [reached(response.respondent_reach)] if response.respondent_reach else []
    if contact and not reach:
        reach = [mask_telephone(contact.telephone), mask_email(contact.email)]
    return " · ".join(filter(None, [shown(name), *reach])) or "–"


def _list_notes(response: Response, found: _Batch) -> Iterator[ReviewNote]:
    """Decisions and corrections."""
    tongue, say = found.tongue, found.tongue.texts.gettext
    for row in found.verdicts[response.id]:
        # Instants that lie around an anonymous response would say when it came.
        who = "" if response.anonymous else _sign_note(row.by, row.at, tongue)
        yield ReviewNote(say(N_("Verdict")), tongue.term(Verdict, row.verdict), row.reason, who)
    for one in found.corrections[response.id]:
        state, what = tongue.term(CorrectionState, one.state), say(N_("Correction"))
        who = _sign_note(one.proposed_by, one.proposed_at, tongue)
        yield ReviewNote(what, say(N_("Proposed")), one.reason, who)
        if one.decided_by is not None and one.decided_at is not None:
            yield ReviewNote(what, state, one.note, _sign_note(one.decided_by, one.decided_at, tongue))


def _sign_note(person: Person, at: datetime, tongue: LocaleFormat) -> str:
    return f"{person.name}, {tongue.instant(at.isoformat())}"
