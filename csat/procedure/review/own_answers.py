"""A project manager's own named answers: asked for while the client was in their care; anonymous ones never (F4)."""

from __future__ import annotations

from peewee import JOIN, ModelSelect

from csat.models.answers import Response
from csat.models.clients import Client
from csat.models.people import Person
from csat.models.questionnaires import QuestionnaireVersion
from csat.procedure.clients.merging import client_family
from csat.procedure.core.guards import get_or_refuse


def own_answer_for(manager: Person, key: int) -> Response:
    """A named answer of the manager's own; raise NotFound for any other."""
    return get_or_refuse(select_own_answers(manager), key)


def select_own_answers(manager: Person) -> ModelSelect[Response]:
    """The named answers whose client was in this manager's care when it was asked (D4)."""
    return Response.select().where(Response.manager == manager, ~Response.anonymous)


def list_own_answers(manager: Person, client: Client) -> ModelSelect[Response]:
    """A client's, with form and client read along, the newest first."""
    return _join_names(manager).where(Response.client.in_(client_family(client.id)))


def search_own_answers(manager: Person, words: str) -> ModelSelect[Response]:
    """All of them, of clients with these words in their name, the newest first."""
    query = _join_names(manager)
    return query.where(Client.name.contains(words) | Client.name_en.contains(words)) if words else query


def _join_names(manager: Person) -> ModelSelect[Response]:
    query = Response.select(Response, QuestionnaireVersion, Client).join(QuestionnaireVersion)
    query = query.join_from(Response, Client, JOIN.LEFT_OUTER)
    mine = Response.id.in_(select_own_answers(manager).select(Response.id))
    return query.where(mine).order_by(Response.received_at.desc(), Response.id)
