"""Single responses as tables: one row each, a sheet for each questionnaire, for who may read them (P11)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from peewee import JOIN, ModelSelect

from csat.adapters.spreadsheet import Column, Sheet
from csat.documents.filled.answers import format_answer, list_recorded_first, read_answers
from csat.documents.locale_format import TableFormat
from csat.figures.labels import QuestionIndex, select_questions
from csat.models.answers import Duration, Response, Verdict
from csat.models.asking import Channel
from csat.models.clients import Client, Contact, Incident
from csat.models.corrections import Correction
from csat.models.people import Department, Person
from csat.models.questionnaires import Kind, Questionnaire, QuestionnaireVersion
from csat.procedure.archive.exports import ExportRequest
from csat.procedure.core.contact_details import mask_address, mask_name, mask_text
from csat.procedure.core.quarter import Quarter
from csat.procedure.people import link_holders
from csat.procedure.questionnaires.answers import GivenAnswer
from csat.procedure.review import corrections
from csat.words import N_

ROWS_AT_ONCE = 1000  # so that no snapshot of the store stays open meanwhile, and memory does not grow
NUMBER_KINDS = (Kind.RATING, Kind.RECOMMEND)


def build_sheets(wanted: ExportRequest, speech: TableFormat) -> Iterator[Sheet]:
    """A sheet for each questionnaire that was answered."""
    book = _ResponseRows(wanted, speech)
    for form, title in book.questions.titles.items():
        if _chosen(wanted, form).exists():
            asked = [(form, question.code) for question in book.questions.of(form)]
            columns = (*book.facts(), *(book.heading(one, speech.text) for one in asked))
            yield Sheet(speech.text(title), columns, book.rows(form, asked))


def build_table(wanted: ExportRequest, speech: TableFormat) -> Sheet:
    """All questionnaires in one table: its columns are the questions of all that were answered."""
    book = _ResponseRows(wanted, speech)
    forms = [form for form in book.questions.titles if _chosen(wanted, form).exists()]
    asked = [(form, question.code) for form in forms for question in book.questions.of(form)]
    named = {form: speech.text(book.questions.titles[form]) for form in forms}
    headings = [book.heading(one, lambda text, form=one[0]: f"{named[form]}: {speech.text(text)}") for one in asked]
    columns = (speech.column(N_("Questionnaire")), *book.facts(), *headings)
    rows = ([named[form], *row] for form in forms for row in book.rows(form, asked))
    return Sheet(speech(N_("Responses")), columns, rows)


def count_rows(wanted: ExportRequest) -> int:
    """How many responses there are to write."""
    return _chosen(wanted, None).count()


def describe_content(wanted: ExportRequest, speech: TableFormat) -> Iterator[tuple[str, str]]:
    said = N_("Every response that was received and opened, whatever QA decided about it.")
    yield speech(N_("What is in it")), speech(said)


def _chosen(wanted: ExportRequest, form: str | None) -> ModelSelect[Response]:
    """The responses of an export, of one questionnaire if one is named."""
    query = Response.select(Response.id).where(Response.quarter > 0, *link_holders.readable_conditions(wanted.by))
    if wanted.quarter is not None:
        query = query.where(Response.quarter == int(wanted.quarter))
    if form is None:
        return query
    versions = QuestionnaireVersion.select(QuestionnaireVersion.id).join(Questionnaire)
    return query.where(Response.version.in_(versions.where(Questionnaire.code == form)))


class _ResponseRows:
    """What all rows have in common: names that are read once, and the questions of every version."""

    def __init__(self, wanted: ExportRequest, speech: TableFormat) -> None:
        self._wanted, self._speech = wanted, speech
        self.questions = QuestionIndex()
        self._asked = {question.id: question for question in select_questions()}
        self._clients = {one.id: speech.name(one) for one in Client.select()}
        self._departments = {one.id: speech.name(one) for one in Department.select()}
        self._persons = {one.id: one.name for one in Person.select()}

    def facts(self) -> tuple[Column, ...]:
        """The columns before the answers."""
        column = self._speech.column
        return (
            column(N_("Quarter"), width=9),
            column(N_("Verdict"), width=12),
            column(N_("Channel"), width=12),
            column(N_("Anonymous"), width=11),
            column(N_("Client"), width=22),
            column(N_("Time taken"), width=12),
            column(N_("Corrected"), width=11),
            column(N_("Recorded first"), width=30),
            column(N_("Response"), width=22),
            column(N_("Received at"), "instant", 17),
            column(N_("Incident"), width=16),
            column(N_("Project manager")),
            column(N_("Department")),
            column(N_("Engineer")),
            column(N_("Recorded by")),
            column(N_("Name (masked)")),
            column(N_("Reach (masked)"), width=20),
        )

    def heading(self, place: tuple[str, str], said: Any) -> Column:
        """The column of a question."""
        question = self.questions.all[place]
        number = question.kind in NUMBER_KINDS
        return Column(said(question.text), "number" if number else "text", 14 if number else 30)

    def rows(self, form: str, asked: list[tuple[str, str]]) -> Iterator[list[Any]]:
        """The rows of a questionnaire, a portion at a time."""
        last = -1
        while portion := list(_details(_chosen(self._wanted, form), last)):
            keys = [row.id for row in portion]
            answers = read_answers(keys)
            made = corrections.corrections_of(keys)
            for row in portion:
                given = self._given(row, answers[row.id])
                yield [*self._facts_of(row, made[row.id]), *(given.get(place) for place in asked)]
            last = portion[-1].id

    def _facts_of(self, row: Any, made: list[Correction]) -> list[Any]:
        speech, first = self._speech, self._recorded_first(row, made)
        shown = [
            str(Quarter.from_int(row.quarter)),
            speech.word(Verdict(row.verdict)),
            speech.word(Channel(row.channel)),
            speech.yes_no(row.anonymous),
            self._clients.get(row.client, ""),
            speech.word(Duration(row.duration)) if row.duration else "",
            speech.yes_no(bool(first)),
            "; ".join(first),
        ]
        if row.anonymous:  # no key, person, incident or instant
            return [*shown, *(None,) * 9]
        return [
            *(*shown, str(row.id), speech.local(row.received_at)),
            row.number or "",
            self._persons.get(row.manager, ""),
            self._departments.get(row.department, ""),
            self._persons.get(row.engineer, ""),
            self._persons.get(row.recorder, ""),
            mask_name(row.respondent_name or row.contact_name or ""),
            mask_address(row.respondent_reach),
        ]

    def _recorded_first(self, row: object, made: list[Correction]) -> list[str]:
        """What stood in the record before two persons corrected it (P11), question by question."""
        questions = {one.question_id: one.question for of in made for one in of.answers}
        speech, names = self._speech, _names(row)
        lines = []
        for key, was in list_recorded_first(made).items():
            answer = mask_text(format_answer(questions[key], was, speech), names)
            lines.append(f"{speech.text(questions[key].text)}: {answer}")
        return lines

    def _given(self, row: Any, answers: Mapping[int, GivenAnswer]) -> dict[tuple[str, str], int | str | None]:
        """The answers by questionnaire and question; a figure stays one, so that it can be counted with."""
        cells: dict[tuple[str, str], int | str | None] = {}
        for key, given in answers.items():
            question = self._asked[key]
            place = (question.version.questionnaire.code, question.code)
            if question.kind in NUMBER_KINDS and not given.not_applicable:
                cells[place] = given.value
            else:
                cells[place] = mask_text(format_answer(question, given, self._speech), _names(row))
        return cells


def _names(row: Any) -> list[str]:
    """The names of who answered, which no comment may tell."""
    return [] if row.anonymous else [row.respondent_name, row.contact_name or ""]


def _details(chosen: ModelSelect[Response], last: int) -> Iterable[Any]:
    """The next portion of responses after this key."""
    columns = (
        Response.id,
        Response.quarter,
        Response.verdict,
        Response.channel,
        Response.anonymous,
        Response.client,
        Response.duration,
        Response.received_at,
        Response.manager,
        Response.department,
        Response.engineer,
        Response.recorder,
        Response.respondent_name,
        Response.respondent_reach,
        Incident.number,
        Contact.name.alias("contact_name"),
    )
    query = chosen.select(*columns).join(Incident, JOIN.LEFT_OUTER).join_from(Response, Contact, JOIN.LEFT_OUTER)
    # keys are random: their order says nothing of who came first
    return query.where(Response.id > last).order_by(Response.id).limit(ROWS_AT_ONCE).namedtuples()
