"""The door for ticket systems: POST /api/v1/incidents, JSON in and out, known by a key and by nothing else.

No session, no cookie, no page: whatever goes wrong here is answered as JSON with a code that does not change
and a sentence in the caller's language (Accept-Language). docs/api.md is its manual.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, current_app, request
from flask_babel import gettext
from werkzeug.exceptions import HTTPException

from csat import clock
from csat.models.access import ApiKey
from csat.procedure.clients.external_names import NameUnclear
from csat.procedure.core import refusals
from csat.procedure.core.refusals import InputWrong, Refusal
from csat.procedure.incidents import (
    api_import,
    api_keys,
    incidents,
    json_mapping,
    json_values,
    table_import,
    table_mapping,
)
from csat.procedure.incidents.api_import import Item
from csat.web.access import ANYONE, open_to
from csat.web.errors import SENTENCES, say
from csat.web.formatting import zone
from csat.web.public_pages import greet
from csat.words import N_

blueprint = Blueprint("api", __name__, url_prefix="/api")
MOST_BYTES = 1024 * 1024
PLACE = "v1/incidents"
EVERY_METHOD = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class NotJson(Refusal):
    sentence = N_("This is no JSON: see line %(line)s, column %(column)s.")


class NotUtf8(Refusal):
    sentence = N_("This is no UTF-8 text: see byte %(at)s.")


class TooDeep(Refusal):
    sentence = N_("This JSON cannot be read: it is nested too deep, or holds a number that is none.")


class MediaTypeWrong(Refusal):
    sentence = N_("Please send JSON, as “Content-Type: application/json”, and not compressed.")


class NotHere(Refusal):
    sentence = N_("There is nothing at this address. Incidents are sent to /api/v1/incidents.")


class PostOnly(Refusal):
    sentence = N_("Incidents are sent here with POST.")


class TooLarge(Refusal):
    sentence = N_("The message is larger than %(most)s KiB. Please send fewer incidents at once.")


# What machines read: the status and a code for each refusal. The codes are promised in docs/api.md.
ANSWERS: dict[type[Refusal], tuple[int, str]] = {
    api_keys.KeyUnknown: (401, "key_unknown"),
    api_keys.KeyRevoked: (403, "key_revoked"),
    api_keys.TooManyMessages: (429, "too_many_requests"),
    NotHere: (404, "not_found"),
    PostOnly: (405, "method_not_allowed"),
    TooLarge: (413, "body_too_large"),
    MediaTypeWrong: (415, "media_type_wrong"),
    NotJson: (400, "json_malformed"),
    NotUtf8: (400, "text_not_utf8"),
    TooDeep: (400, "json_unreadable"),
    api_import.NothingSent: (422, "no_incidents"),
    api_import.TooManySent: (422, "too_many_incidents"),
    table_mapping.MapWrong: (409, "map_unusable"),
    api_import.NoIncident: (422, "not_an_incident"),
    api_import.FieldUnknown: (422, "field_unknown"),
    json_values.KindWrong: (422, "not_a_text"),
    api_import.TruthWrong: (422, "not_true_or_false"),
    json_values.TextBroken: (422, "text_unusable"),
    json_values.TimeWrong: (422, "time_unreadable"),
    json_values.OffsetMissing: (422, "time_without_offset"),
    json_values.AddressWrong: (422, "address_unusable"),
    table_import.DateWrong: (422, "time_unreadable"),
    incidents.TooLong: (422, "too_long"),
    incidents.BeforeOpening: (422, "before_opening"),
    incidents.ClosedAhead: (422, "closed_ahead"),
    NameUnclear: (422, "name_unclear"),
    refusals.Missing: (422, "missing"),
}


@blueprint.before_request
def _greet() -> None:
    greet()
    request.max_content_length = MOST_BYTES + 1  # one more, so that what is cut off there shows as too large


@blueprint.post(f"/{PLACE}")
@open_to(ANYONE)
def receive() -> Response:
    """Take in one incident or up to a thousand; each gets its outcome, and the good ones are kept."""
    key = _admitted()
    items = api_import.read(_message(), json_mapping.of_source(key.source), zone())
    api_import.take(items, key.source, api_keys.actor(key), clock.now(), zone())
    refused = sum(1 for item in items if item.refusal)
    counts = {name: sum(1 for item in items if item.outcome == name) for name in ("new", "changed", "same")}
    results = [_result(item) for item in items]
    return _json(422 if refused else 200, {**counts, "refused": refused, "results": results})


@blueprint.route("/", methods=EVERY_METHOD, defaults={"rest": ""})
@blueprint.route("/<path:rest>", methods=EVERY_METHOD)
@open_to(ANYONE)
def elsewhere(rest: str) -> Response:
    """Whatever else is asked for under /api/."""
    raise PostOnly if rest == PLACE else NotHere


@blueprint.errorhandler(Refusal)
def refused(refusal: Refusal) -> Response:
    """The answer to a message that was refused as a whole."""
    status, code = _answer(refusal)
    answer = _error(status, code, say(refusal))
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if status == 405:
        answer.headers["Allow"] = "POST"
    if status == 429:
        answer.headers["Retry-After"] = str(refusal.facts["seconds"])
    return answer


@blueprint.errorhandler(HTTPException)
def failed(error: HTTPException) -> Response:
    """The answer to what the web itself refuses."""
    if error.code == 413:
        return refused(TooLarge(most=MOST_BYTES // 1024))
    return _error(error.code or 500, "request_unusable", gettext(SENTENCES[400]))


@blueprint.errorhandler(Exception)
def broken(error: Exception) -> Response:
    """Something broke: the trace goes to the log, never to the caller; nothing of the message is stored."""
    current_app.logger.exception("A message of a ticket system broke something", exc_info=error)
    return _error(
        500, "broken", gettext("Something broke on our side, and nothing was stored. Please send it again.")
    )


def _admitted() -> ApiKey:
    """Whose message it is. Systems that only know names and passwords send the key as the password."""
    sent = request.authorization
    key = (sent.token or sent.password or "") if sent and sent.type in ("bearer", "basic") else ""
    return api_keys.admit(key, clock.now(), zone())


def _message() -> Any:
    """What was sent, as plain values; raise one of the refusals above."""
    if not request.is_json or request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise MediaTypeWrong
    sent = request.get_data(cache=False)
    if len(sent) > MOST_BYTES:
        raise TooLarge(most=MOST_BYTES // 1024)
    try:
        text = sent.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotUtf8(at=error.start + 1) from error
    try:
        return json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise NotJson(line=error.lineno, column=error.colno) from error
    except (RecursionError, ValueError) as error:  # [[[[…, NaN, or a number of 5,000 digits
        raise TooDeep from error


def _no_number(text: str) -> None:
    raise ValueError(text)


def _result(item: Item) -> dict[str, Any]:
    result: dict[str, Any] = {"index": item.index, "number": item.number, "outcome": item.outcome}
    if item.refusal is None:
        return result
    field = item.refusal.field if isinstance(item.refusal, InputWrong) else ""
    code = _answer(item.refusal)[1]
    return {**result, "outcome": "refused", "field": field, "code": code, "message": say(item.refusal)}


def _answer(refusal: Refusal) -> tuple[int, str]:
    return next((answer for kind, answer in ANSWERS.items() if isinstance(refusal, kind)), (422, "refused"))


def _error(status: int, code: str, message: str) -> Response:
    return _json(status, {"error": {"code": code, "message": message}})


def _json(status: int, content: dict[str, Any]) -> Response:
    text = json.dumps(content, ensure_ascii=False) + "\n"
    return Response(text, status, mimetype="application/json")
