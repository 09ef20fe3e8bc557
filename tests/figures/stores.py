"""Random stores for figures: whole responses written straight into the tables, as a seed decides."""

from __future__ import annotations

from random import Random

from csat.figures.audience import Audience
from csat.figures.quarterly import compute_quarter_figures
from csat.figures.types import QuarterFigures
from csat.models.answers import Answer, Response, Verdict
from csat.models.asking import Attempt, AttemptOutcome, Campaign, Channel, InvitationState
from csat.models.base import random_key
from csat.models.clients import Client, Tier
from csat.models.people import Department, Person
from csat.models.questionnaires import Kind, Question
from csat.procedure.core.quarter import Quarter
from csat.procedure.questionnaires import questionnaires
from csat.procedure.review import tally
from tests.builders import NOW, a_contact, an_invitation

Q3 = Quarter(2026, 3)
QUARTERS = (20262, 20263)
FORMS = ("incident", "company", "service")


def a_response(form: str = "incident", ratings: int | None = 5, **more) -> Response:
    """A valid response whose ratings are all the same, unless `answers` says otherwise by question code."""
    answers = more.pop("answers", {})
    version = questionnaires.get_newest_version(form)
    details = {"quarter": 20263, "channel": Channel.LINK, "anonymous": False, "verdict": Verdict.VALID, **more}
    response = Response.create(version=version, **details)
    for question in questionnaires.questions_of(version):
        value = answers.get(question.code, ratings if question.kind == Kind.RATING else None)
        if value is None:
            continue
        said = {"words": value} if isinstance(value, str) else {"value": value}
        Answer.create(response=response, question=question, **({"not_applicable": True} if value == "na" else said))
    return response


def figures_now(zone, quarter: Quarter = Q3) -> QuarterFigures:
    """A quarter's figures, of a tally that was made anew."""
    tally.rebuild_tally()
    return compute_quarter_figures(quarter, NOW, zone, Audience.RESPONSE_READERS)


def ask(campaign: Campaign, client: Client, number: int, done: int) -> None:
    """So many of a client were asked, some of whom have answered."""
    for at in range(number):
        contact = a_contact(client, f"{client.name}{campaign.id}{at}")
        state = InvitationState.DONE if at < done else InvitationState.SENT
        invitation = an_invitation(campaign, contact, state=state)
        Attempt.create(invitation=invitation, at=NOW, outcome=AttemptOutcome.HANDED_OVER)


def some_clients(random: Random, number: int = 5) -> list[Client]:
    """Clients of random tiers; the last may count as the first."""
    clients = [Client.create(name=f"客户{at}", tier=random.choice(list(Tier))) for at in range(number)]
    if random.random() < 0.5:
        clients[-1].counts_as = clients[0]
        clients[-1].save()
    return clients


def a_random_store(seed: int, responses: int = 60) -> list[Response]:
    """Some sixty responses of two quarters, with whatever client, form, channel, verdict and answers come."""
    random = Random(seed)
    clients = [None, *some_clients(random)]
    departments = [None, Department.create(name="一部"), Department.create(name="二部")]
    staff = [None, Person.create(name="甲"), Person.create(name="乙")]
    forms = {code: questionnaires.get_newest_version(code) for code in FORMS}
    questions = {code: questionnaires.questions_of(version) for code, version in forms.items()}
    made = []
    for _ in range(random.randint(responses // 2, responses)):
        form, anonymous = random.choice(FORMS), random.random() < 0.6
        who = {} if anonymous else {name: random.choice(staff) for name in ("manager", "engineer", "recorder")}
        made.append(
            Response.create(
                version=forms[form],
                quarter=random.choice(QUARTERS),
                client=random.choice(clients),
                channel=random.choice([Channel.LINK, Channel.SLIP] if anonymous else list(Channel)),
                anonymous=anonymous,
                verdict=random.choice([Verdict.VALID, Verdict.VALID, Verdict.VALID, *Verdict]),
                department=None if anonymous else random.choice(departments),
                **who,
            )
        )
        rows = [row for question in questions[form] if (row := _answer(random, made[-1], question))]
        if rows:
            Answer.insert_many(rows).execute()
    return made


def _answer(random: Random, response: Response, question: Question) -> dict | None:
    row = {"id": random_key(), "response": response, "question": question, "value": None, "words": None}
    row["not_applicable"] = bool(question.offers_na and random.random() < 0.3)
    if row["not_applicable"]:
        return row
    if question.kind == Kind.TEXT:
        return {**row, "words": "谢谢"} if random.random() < 0.3 else None
    if not question.required and random.random() < 0.3:
        return None
    top = {Kind.RATING: (1, 5), Kind.RECOMMEND: (0, 10), Kind.YES_NO: (0, 1)}[question.kind]
    return {**row, "value": random.randint(*top)}
