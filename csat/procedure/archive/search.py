"""The archive (P11): every response, valid or not, found again.

Lists run by quarter and then by key, which is chance: never by arrival, so that the place of an anonymous
response says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN, ModelSelect, fn

from csat.models.answers import Answer, Response, Verdict
from csat.models.asking import Channel
from csat.models.base import Condition
from csat.models.clients import Client, Contact, Incident
from csat.models.corrections import CorrectedAnswer, Correction, CorrectionState
from csat.models.people import Department, Person
from csat.models.questionnaires import Kind, Question, Questionnaire, QuestionnaireVersion
from csat.procedure.clients.merging import client_family, map_roots
from csat.procedure.core.quarter import Quarter
from csat.procedure.people import link_holders

UNNAMED_CLIENT = 0  # the client of a search for responses that name none


@dataclass(frozen=True)
class ArchiveFilter:
    """What the archive is narrowed to. `client` 0: those that name none; `words` as they were written.

    `incident` is part of its number, `who` of the contact's or respondent's name. An anonymous response has neither
    these nor a department or recorder, so none of them ever finds one.
    """

    client: int | None = None
    since: int | None = None
    until: int | None = None
    questionnaire: int | None = None
    channel: Channel | None = None
    verdict: Verdict | None = None
    words: str = ""
    incident: str = ""
    who: str = ""
    department: int | None = None
    recorder: int | None = None


def search_responses(search: ArchiveFilter, reader: Person) -> ModelSelect[Response]:
    """What fits and a reader may read (D7), the newest quarter first; within it the order is chance."""
    query = Response.select().where(*_filter_conditions(search), *link_holders.readable_conditions(reader))
    return query.order_by(Response.quarter.desc(), Response.id.desc())


def join_names(found: Iterable[Response]) -> list[Response]:
    """The same responses in the same order, with form and client read along for a list."""
    keys = [response.id for response in found]
    query = Response.select(Response, QuestionnaireVersion, Client).join(QuestionnaireVersion)
    named = query.join_from(Response, Client, JOIN.LEFT_OUTER).where(Response.id.in_(keys))
    by_key = {response.id: response for response in named}
    return [by_key[key] for key in keys]


def find_comments(responses: Iterable[Response]) -> dict[int, list[str]]:
    """The clients' own words by response, in the form's order."""
    keys = [response.id for response in responses]
    rows = Answer.select(Answer.response, Answer.words).join(Question)
    rows = rows.where(Answer.response.in_(keys), Question.kind == Kind.TEXT, Answer.words != "")
    said: dict[int, list[str]] = {key: [] for key in keys}
    for key, words in rows.order_by(Question.position).tuples():
        said[key].append(words)
    return said


def find_corrected(responses: Iterable[Response | int], since: datetime | None = None) -> set[int]:
    """Which of these responses (or keys) two persons have corrected, ever or since an instant."""
    made = Correction.select(Correction.response).where(Correction.state == CorrectionState.CONFIRMED)
    lately = made if since is None else made.where(Correction.decided_at >= since)
    return {key for (key,) in lately.where(Correction.response.in_(list(responses))).tuples()}


def list_clients() -> list[Client]:
    """The clients that have responses, by name; merged ones under the one they count as."""
    roots = map_roots(Client)
    keys = {roots.get(key, key) for (key,) in Response.select(Response.client).distinct().tuples()}
    return list(Client.select().where(Client.id.in_(keys)).order_by(Client.name))


def list_departments() -> list[Department]:
    """The departments that responses are about, by name."""
    about = Response.select(Response.department).where(Response.department.is_null(False))
    return list(Department.select().where(Department.id.in_(about)).order_by(Department.name))


def list_recorders() -> list[Person]:
    """Who took responses down, by name."""
    took = Response.select(Response.recorder).where(Response.recorder.is_null(False))
    return list(Person.select().where(Person.id.in_(took)).order_by(Person.name, Person.id))


def list_quarters() -> list[tuple[Quarter, int]]:
    """The quarters that have responses, the newest first, and how many."""
    rows = Response.select(Response.quarter, fn.COUNT(Response.id)).group_by(Response.quarter)
    return [(Quarter.from_int(code), n) for code, n in rows.order_by(Response.quarter.desc()).tuples()]


def list_questionnaires() -> list[tuple[Questionnaire, QuestionnaireVersion]]:
    """Every questionnaire that was ever answered, with its newest version."""
    versions = QuestionnaireVersion.select(QuestionnaireVersion, Questionnaire).join(Questionnaire)
    answered = Response.select(Response.version).distinct()
    forms = QuestionnaireVersion.select(QuestionnaireVersion.questionnaire).where(QuestionnaireVersion.id.in_(answered))
    newest = {
        row.questionnaire_id: (row.questionnaire, row)
        for row in versions.where(Questionnaire.id.in_(forms)).order_by(QuestionnaireVersion.number)
    }
    return [newest[key] for key in sorted(newest)]


def _filter_conditions(search: ArchiveFilter) -> list[Condition]:
    versions = QuestionnaireVersion.select(QuestionnaireVersion.id)
    of_form = versions.where(QuestionnaireVersion.questionnaire == search.questionnaire)
    given = (
        (search.since, Response.quarter >= search.since),
        (search.until, Response.quarter <= search.until),
        (search.questionnaire, Response.version.in_(of_form)),
        (search.channel, Response.channel == search.channel),
        (search.verdict, Response.verdict == search.verdict),
        (search.department, Response.department == search.department),
        (search.recorder, Response.recorder == search.recorder),
    )
    wanted: list[Condition] = [Response.quarter > 0]  # so that the index by quarter is used, and its order
    wanted += [condition for asked, condition in given if asked is not None]
    if search.client == UNNAMED_CLIENT:
        wanted.append(Response.client.is_null())
    elif search.client is not None:
        wanted.append(Response.client.in_(client_family(search.client)))
    if number := search.incident.strip():
        wanted.append(Response.incident.in_(Incident.select(Incident.id).where(Incident.number.contains(number))))
    if who := search.who.strip():
        contacts = Contact.select(Contact.id).where(Contact.name.contains(who))
        wanted.append(Response.respondent_name.contains(who) | Response.contact.in_(contacts))
    words = search.words.strip()
    return [*wanted, _words_condition(words)] if words else wanted


def _words_condition(words: str) -> Condition:
    """Whose words hold these, now or before a correction."""
    # The questions' keys are read first, so that this is one pass over the answers.
    texts = [row.id for row in Question.select(Question.id).where(Question.kind == Kind.TEXT)]
    said = Answer.select(Answer.response).where(Answer.question.in_(texts), Answer.words.contains(words))
    old = (CorrectedAnswer.question.in_(texts), CorrectedAnswer.old_words.contains(words))
    before = CorrectedAnswer.select(Correction.response).join(Correction).where(*old)
    before = before.where(Correction.state == CorrectionState.CONFIRMED)
    return Response.id.in_(said | before)
