"""The archive (P11): every response searched, read and printed as the filled questionnaire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext
from flask_login import current_user

from csat import clock
from csat.config import LOCALES
from csat.documents.filled import compose
from csat.documents.locale_format import LocaleFormat
from csat.models.answers import Verdict
from csat.models.asking import Channel
from csat.procedure.archive import search as archive
from csat.procedure.archive.search import ArchiveFilter
from csat.procedure.core import audit
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotFound
from csat.procedure.review import corrections, verdicts
from csat.web.access import current_person, open_to
from csat.web.downloads import send_content
from csat.web.formatting import list_terms, localised_name, operator_zone, reader_format
from csat.web.pagination import paginate
from csat.web.params import parse_code, parse_number, parse_quarter_code

blueprint = Blueprint("archive", __name__, url_prefix="/archive")

READ_RIGHT = "responses.read"
EXCERPT_MARGIN = 60  # characters of a comment before and after the words that were looked for
MAX_SEARCH_LENGTH = 100


@blueprint.get("/")
@open_to(READ_RIGHT)
def search_responses() -> str:
    """Every response that fits the search, by quarter; within a quarter in no order."""
    search = _requested_search()
    listed = paginate(archive.search_responses(search, current_person()))
    rows = archive.join_names(listed.rows)
    said = archive.find_comments(rows)
    return render_template(
        "archive/index.html",
        search=search,
        address=_search_address(search),
        listed=listed,
        rows=rows,
        excerpts={key: cut_excerpt(comments, search.words) for key, comments in said.items()},
        corrected=archive.find_corrected(rows),
        clients=archive.list_clients(),
        quarters=[quarter for quarter, _ in archive.list_quarters()],
        forms=archive.list_questionnaires(),
        channels=list_terms(Channel),
        verdicts=list_terms(Verdict),
        departments=[(one.id, localised_name(one)) for one in archive.list_departments()],
        recorders=[(one.id, one.name) for one in archive.list_recorders()],
        unnamed=archive.UNNAMED_CLIENT,
    )


@blueprint.get("/<int:key>")
@open_to(READ_RIGHT)
def show_response(key: int) -> str:
    """One response as the filled questionnaire; that a named one was opened is on record."""
    response = verdicts.response_for(current_person(), key)
    verdicts.record_opening(response, current_person(), clock.now())
    # Who does not review sees respondents' names covered (D2).
    (one,) = compose.collect_questionnaires([key], reader_format(), with_names=current_user.may("review"))
    return render_template(
        "archive/show.html",
        response=response,
        one=one,
        scales=compose.SCALE_KINDS,
        languages=LOCALES,
        address=_search_address(_requested_search()),
        correctable=corrections.is_correctable(response) and corrections.find_open_correction(response) is None,
    )


@blueprint.get("/<int:key>/<language>.pdf")
@open_to(READ_RIGHT)
def download_response(key: int, language: str) -> Response:
    """One response on paper, in either language; the download goes on record (D3)."""
    response = verdicts.response_for(current_person(), key)
    if language not in LOCALES:
        raise NotFound
    tongue = LocaleFormat(language, operator_zone())
    (one,) = compose.collect_questionnaires([key], tongue, with_names=current_user.may("review"))
    content = compose.render_pdf([one], tongue, one.title, clock.now())
    audit.record(current_person(), "response printed", response, clock.now(), language=language)
    name = f"response-{Quarter.from_int(response.quarter)}-{key}-{language}.pdf"
    return send_content(content, name, "application/pdf")


def cut_excerpt(comments: Sequence[str], words: str) -> str:
    """The comment in which the words stand, cut around them; without words, how the first one begins."""
    for comment in comments:
        at = comment.lower().find(words.lower())
        if at >= 0:
            starts, ends = max(0, at - EXCERPT_MARGIN), at + len(words) + EXCERPT_MARGIN
            return f"{'…' if starts else ''}{comment[starts:ends]}{'…' if ends < len(comment) else ''}"
    # It was found, so it stands in what was recorded before a correction.
    return gettext("In an answer that was corrected since.") if words and comments else ""


def _requested_search() -> ArchiveFilter:
    """The search in the address; what cannot be read of it narrows nothing."""
    return ArchiveFilter(
        client=parse_number("client"),
        since=parse_quarter_code("since"),
        until=parse_quarter_code("until"),
        questionnaire=parse_number("questionnaire"),
        channel=parse_code(Channel, "channel"),
        verdict=parse_code(Verdict, "verdict"),
        words=_typed("words"),
        incident=_typed("incident"),
        # Who does not review sees names covered, and shall not find out by searching whose they are (D2).
        who=_typed("who") if current_user.may("review") else "",
        department=parse_number("department"),
        recorder=parse_number("recorder"),
    )


def _typed(name: str) -> str:
    return request.args.get(name, "").replace("\x00", "").strip()[:MAX_SEARCH_LENGTH]  # PostgreSQL refuses \0


def _search_address(search: ArchiveFilter) -> dict[str, str]:
    """The same in an address, where it stays while one pages and prints."""
    given = {name: value for name, value in asdict(search).items() if value != ""}
    given |= {name: Quarter.from_int(code) for name in ("since", "until") if (code := given.get(name))}
    return {name: str(value) for name, value in given.items() if value is not None}
