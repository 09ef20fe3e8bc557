"""The door for ticket systems: POST /api/v1/incidents, JSON in and out, known by a key only. Manual: docs/api.md."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, current_app, request
from flask_babel import gettext
from werkzeug.exceptions import HTTPException

from csat import clock
from csat.models.access import ApiKey
from csat.procedure.clients.external_names import NameUnclear
from csat.procedure.core import refusals
from csat.procedure.core.refusals import InputWrong, Refusal
from csat.procedure.incidents import api_import, api_keys, fields, json_values, mapping, table_import
from csat.procedure.incidents.api_import import MessageItem
from csat.procedure.incidents.json_mapping import MESSAGE_MAPS
from csat.web.access import ANYONE, open_to
from csat.web.errors import ERROR_SENTENCES, describe_refusal
from csat.web.formatting import operator_zone
from csat.web.public_pages import open_public_page
from csat.words import N_

# No session, no cookie, no page: whatever goes wrong is JSON with a lasting code and the caller's words.
blueprint = Blueprint("api", __name__, url_prefix="/api")
MAX_MESSAGE_BYTES = 1024 * 1024
INCIDENTS_PATH = "v1/incidents"
ALL_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class EncodingInvalid(Refusal):
    sentence = N_("This is no UTF-8 text: see byte %(at)s.")


class MediaTypeWrong(Refusal):
    sentence = N_("Please send JSON, as “Content-Type: application/json”, and not compressed.")


class PathUnknown(Refusal):
    sentence = N_("There is nothing at this address. Incidents are sent to /api/v1/incidents.")


class MethodNotAllowed(Refusal):
    sentence = N_("Incidents are sent here with POST.")


class BodyTooLarge(Refusal):
    sentence = N_("The message is larger than %(most)s KiB. Please send fewer incidents at once.")


# What machines read: the status and a code for each refusal. The codes are promised in docs/api.md.
ERROR_CODES: dict[type[Refusal], tuple[int, str]] = {
    api_keys.KeyUnknown: (401, "key_unknown"),
    api_keys.KeyRevoked: (403, "key_revoked"),
    api_keys.TooManyMessages: (429, "too_many_requests"),
    PathUnknown: (404, "not_found"),
    MethodNotAllowed: (405, "method_not_allowed"),
    BodyTooLarge: (413, "body_too_large"),
    MediaTypeWrong: (415, "media_type_wrong"),
    api_import.JsonMalformed: (400, "json_malformed"),
    EncodingInvalid: (400, "text_not_utf8"),
    api_import.JsonUnreadable: (400, "json_unreadable"),
    api_import.NothingSent: (422, "no_incidents"),
    api_import.TooManySent: (422, "too_many_incidents"),
    mapping.MapWrong: (409, "map_unusable"),
    api_import.NotAnIncident: (422, "not_an_incident"),
    api_import.FieldUnknown: (422, "field_unknown"),
    json_values.KindWrong: (422, "not_a_text"),
    api_import.BooleanWrong: (422, "not_true_or_false"),
    json_values.TextBroken: (422, "text_unusable"),
    json_values.TimeWrong: (422, "time_unreadable"),
    json_values.OffsetMissing: (422, "time_without_offset"),
    json_values.AddressWrong: (422, "address_unusable"),
    table_import.DateWrong: (422, "time_unreadable"),
    fields.TextTooLong: (422, "too_long"),
    fields.BeforeOpening: (422, "before_opening"),
    fields.ClosedInFuture: (422, "closed_ahead"),
    NameUnclear: (422, "name_unclear"),
    refusals.ValueMissing: (422, "missing"),
}


@blueprint.before_request
def _limit_request() -> None:
    open_public_page()
    request.max_content_length = MAX_MESSAGE_BYTES + 1  # one more, so that what is cut off there shows as too large


@blueprint.post(f"/{INCIDENTS_PATH}")
@open_to(ANYONE)
def receive_incidents() -> Response:
    """Take in one incident or up to a thousand; each gets its outcome, and the good ones are kept."""
    key = _authenticate_sender()
    items = api_import.read_message(_parse_message(), MESSAGE_MAPS.find_map_of_source(key.source), operator_zone())
    api_import.import_items(items, key.source, api_keys.name_key_actor(key), clock.now(), operator_zone())
    outcomes = Counter("refused" if item.refusal else item.outcome for item in items)
    counts = {name: outcomes[name] for name in ("new", "changed", "same", "refused")}
    results = [_build_result(item) for item in items]
    return _json_response(422 if counts["refused"] else 200, {**counts, "results": results})


@blueprint.route("/", methods=ALL_METHODS, defaults={"rest": ""})
@blueprint.route("/<path:rest>", methods=ALL_METHODS)
@open_to(ANYONE)
def reject_other_path(rest: str) -> Response:
    """Whatever else is asked for under /api/."""
    raise MethodNotAllowed if rest == INCIDENTS_PATH else PathUnknown


@blueprint.errorhandler(Refusal)
def answer_refusal(refusal: Refusal) -> Response:
    """The answer to a message that was refused as a whole."""
    status, code = _find_error_code(refusal)
    answer = _json_error(status, code, describe_refusal(refusal))
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if status == 405:
        answer.headers["Allow"] = "POST"
    if status == 429:
        answer.headers["Retry-After"] = str(refusal.facts["seconds"])
    return answer


@blueprint.errorhandler(HTTPException)
def answer_http_error(error: HTTPException) -> Response:
    """The answer to what the web itself refuses."""
    if error.code == 413:
        return answer_refusal(BodyTooLarge(most=MAX_MESSAGE_BYTES // 1024))
    return _json_error(error.code or 500, "request_unusable", gettext(ERROR_SENTENCES[400]))


@blueprint.errorhandler(Exception)
def answer_server_error(error: Exception) -> Response:
    """Something broke: the trace goes to the log, never to the caller; nothing of the message is stored."""
    current_app.logger.exception("A message of a ticket system broke something", exc_info=error)
    sentence = gettext("Something broke on our side, and nothing was stored. Please send it again.")
    return _json_error(500, "broken", sentence)


def _authenticate_sender() -> ApiKey:
    """Whose message it is. Systems that only know names and passwords send the key as the password."""
    sent = request.authorization
    key = (sent.token or sent.password or "") if sent and sent.type in ("bearer", "basic") else ""
    return api_keys.admit_message(key, clock.now(), operator_zone())


def _parse_message() -> Any:
    """What was sent, as plain values; raise one of the refusals above."""
    if not request.is_json or request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise MediaTypeWrong
    sent = request.get_data(cache=False)
    if len(sent) > MAX_MESSAGE_BYTES:
        raise BodyTooLarge(most=MAX_MESSAGE_BYTES // 1024)
    try:
        return api_import.parse_json(sent.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise EncodingInvalid(at=error.start + 1) from error


def _build_result(item: MessageItem) -> dict[str, object]:
    result: dict[str, object] = {"index": item.index, "number": item.number, "outcome": item.outcome}
    if item.refusal is None:
        return result
    field = item.refusal.field if isinstance(item.refusal, InputWrong) else ""
    code = _find_error_code(item.refusal)[1]
    return {**result, "outcome": "refused", "field": field, "code": code, "message": describe_refusal(item.refusal)}


def _find_error_code(refusal: Refusal) -> tuple[int, str]:
    return next((answer for kind, answer in ERROR_CODES.items() if isinstance(refusal, kind)), (422, "refused"))


def _json_error(status: int, code: str, message: str) -> Response:
    return _json_response(status, {"error": {"code": code, "message": message}})


def _json_response(status: int, content: Mapping[str, object]) -> Response:
    return Response(json.dumps(content, ensure_ascii=False) + "\n", status, mimetype="application/json")
