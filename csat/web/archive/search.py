"""The archive (P11): every response searched, read and printed as the filled questionnaire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import gettext
from flask_login import current_user

from csat import clock
from csat.config import LOCALES
from csat.documents.filled import compose
from csat.documents.locale_format import Tongue
from csat.models.answers import Verdict
from csat.models.asking import Channel
from csat.procedure.archive import search as archive
from csat.procedure.archive.search import Search
from csat.procedure.core import audit
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotFound
from csat.procedure.review import corrections, verdicts
from csat.web.access import me, open_to
from csat.web.formatting import terms_of, zone
from csat.web.language import locale
from csat.web.pagination import slice_of
from csat.web.review.blueprint import number

blueprint = Blueprint("archive", __name__, url_prefix="/archive")

READ = "responses.read"
AROUND = 60  # characters of a comment before and after the words that were looked for
LONGEST_WORDS = 100
Code = TypeVar("Code", bound=StrEnum)


@dataclass(frozen=True)
class Wanted:
    """The search in the address, which stays there while one pages and prints."""

    search: Search

    @classmethod
    def asked(cls) -> Wanted:
        """What the address asks for; what cannot be read of it narrows nothing."""
        return cls(
            Search(
                client=number("client"),
                since=_quarter("since"),
                until=_quarter("until"),
                questionnaire=number("questionnaire"),
                channel=_code(Channel, "channel"),
                verdict=_code(Verdict, "verdict"),
                words=request.args.get("words", "").replace("\x00", "").strip()[:LONGEST_WORDS],
            )
        )

    @property
    def address(self) -> dict[str, Any]:
        """The same in an address."""
        one = self.search
        borders = {"since": one.since, "until": one.until}
        given: dict[str, Any] = {name: Quarter.from_int(code) for name, code in borders.items() if code}
        given |= {"client": one.client, "questionnaire": one.questionnaire}
        given |= {"channel": one.channel, "verdict": one.verdict, "words": one.words or None}
        return {name: str(value) for name, value in given.items() if value is not None}


def _quarter(name: str) -> int | None:
    try:
        return int(Quarter.parse(request.args.get(name, "")))
    except ValueError:
        return None


def _code(codes: type[Code], name: str) -> Code | None:
    asked = request.args.get(name, "")
    return codes(asked) if asked in {code.value for code in codes} else None


@blueprint.get("/")
@open_to(READ)
def index() -> str:
    """Every response that fits the search, by quarter; within a quarter in no order."""
    wanted = Wanted.asked()
    listed = slice_of(archive.found(wanted.search))
    rows = archive.with_names(listed.rows)
    said = archive.comments_of(rows)
    return render_template(
        "archive/index.html",
        wanted=wanted,
        search=wanted.search,
        listed=listed,
        rows=rows,
        excerpts={key: excerpt(comments, wanted.search.words) for key, comments in said.items()},
        corrected=archive.corrected_among(rows),
        clients=archive.clients(),
        quarters=[quarter for quarter, _ in archive.quarters()],
        forms=archive.questionnaires(),
        channels=terms_of(Channel),
        verdicts=terms_of(Verdict),
        unnamed=archive.UNNAMED,
    )


@blueprint.get("/<int:key>")
@open_to(READ)
def show(key: int) -> str:
    """One response as the filled questionnaire; that a named one was opened is on record."""
    response = verdicts.response_for(me(), key)
    verdicts.opened(response, me(), clock.now())
    tongue = Tongue(locale(), zone())
    (one,) = compose.gather([key], tongue, with_names=current_user.may("review"))
    return render_template(
        "archive/show.html",
        response=response,
        one=one,
        scales=compose.SCALES,
        languages=LOCALES,
        wanted=Wanted.asked(),
        correctable=corrections.is_correctable(response) and corrections.open_of(response) is None,
    )


@blueprint.get("/<int:key>/<language>.pdf")
@open_to(READ)
def paper(key: int, language: str) -> Response:
    """One response on paper, in either language; the download goes on record (D3)."""
    response = verdicts.response_for(me(), key)
    if language not in LOCALES:
        raise NotFound
    tongue = Tongue(language, zone())
    (one,) = compose.gather([key], tongue, with_names=current_user.may("review"))
    content = compose.pdf([one], tongue, one.title, clock.now())
    audit.record(me(), "response printed", response, clock.now(), language=language)
    answer = make_response(content)
    answer.headers["Content-Type"] = "application/pdf"
    name = f"response-{Quarter.from_int(response.quarter)}-{key}-{language}.pdf"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def excerpt(comments: Sequence[str], words: str) -> str:
    """The comment in which the words stand, cut around them; without words, how the first one begins."""
    for comment in comments:
        at = comment.lower().find(words.lower()) if words else 0
        if at >= 0:
            starts, ends = max(0, at - AROUND), at + len(words) + AROUND
            before, after = "…" if starts else "", "…" if ends < len(comment) else ""
            return f"{before}{comment[starts:ends]}{after}"
    # It stands in what was recorded before a correction.
    return gettext("In an answer that was corrected since.") if words and comments else ""
