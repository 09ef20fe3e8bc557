"""A project manager's first page: a card for each client in care, and one button for the quarter (P3)."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext, ngettext

from csat import clock
from csat.documents.filled import compose
from csat.figures.named_answers import rate_named_answers
from csat.models.answers import Response
from csat.procedure.campaigns import quarterly_round
from csat.procedure.campaigns.progress import NotAskedReason
from csat.procedure.clients import clients
from csat.procedure.core.quarter import Quarter
from csat.procedure.feedback.client_view import list_client_feedback
from csat.procedure.review import drilldown, own_answers, verdicts
from csat.procedure.worklists.own_clients import TO_MEND, ClientCard, OwnQuarter, build_own_quarter
from csat.web.access import current_person, open_to
from csat.web.formatting import format_day, format_quarter, local_today, operator_zone, reader_format
from csat.web.pagination import paginate

blueprint = Blueprint("own_clients", __name__, url_prefix="/my-clients")
OWN_RIGHT = "clients.own"
CARDS_ON_A_PAGE = 24
LATEST_ANSWERS = 5
QUARTERS_SHOWN = 4
MAX_COMMENT_LENGTH = 160


class NextStep(NamedTuple):
    """What to do now: said, with where; `address` '' when there is nothing."""

    title: str
    text: str
    label: str = ""
    address: str = ""


@blueprint.get("/")
@open_to(OWN_RIGHT)
def list_own_clients() -> str:
    """The clients in one's care: how far each is asked, what came back, its letter, its open feedback."""
    own, search = build_own_quarter(current_person(), clock.now(), operator_zone()), request.args.get("q", "").strip()
    found = [card for card in own.cards if _is_found(card, search)]
    today = local_today()
    return render_template(
        "clients/own_clients.html",
        own=own,
        search=search,
        list=paginate(found, CARDS_ON_A_PAGE),
        steps={card.client.id: _find_card_step(card, own) for card in found},
        step=_find_next_step(own),
        refusing=NotAskedReason.REFUSING,
        today=Quarter.of_day(today),
        days_left=(Quarter.of_day(today).last_day - today).days,
    )


@blueprint.get("/<int:key>")
@open_to(OWN_RIGHT)
def show_own_client(key: int) -> str:
    """One client in one's care: rates of named answers, the state of its feedback, its latest named answers."""
    person, now = current_person(), clock.now()
    one = clients.own_client_for(person, key, local_today())
    own = build_own_quarter(person, now, operator_zone())
    card = next(card for card in own.cards if card.client.id == one.id)
    quarters = [int(quarter) for quarter in reversed(Quarter.of_day(local_today()).back(QUARTERS_SHOWN))]
    rates = rate_named_answers([one.id], quarters)
    answers = own_answers.list_own_answers(person, one)
    return render_template(
        "clients/own_client.html",
        one=one,
        own=own,
        card=card,
        step=_find_card_step(card, own),
        rates=[(code, rates[one.id, code]) for code in quarters],
        list=paginate(list_client_feedback(one, now)),
        number=answers.count(),
        **_describe_answers(list(answers.limit(LATEST_ANSWERS))),
    )


@blueprint.get("/answers")
@open_to(OWN_RIGHT)
def list_answers() -> str:
    """All named answers that were asked for while the client was in one's care."""
    search = request.args.get("q", "").strip()
    listed = paginate(own_answers.search_own_answers(current_person(), search))
    return render_template("clients/own_answers.html", list=listed, search=search, **_describe_answers(listed.rows))


@blueprint.get("/answers/<int:key>")
@open_to(OWN_RIGHT)
def show_answer(key: int) -> str:
    """One of these as the filled questionnaire; that it was opened is on record (D3)."""
    response = own_answers.own_answer_for(current_person(), key)
    verdicts.record_opening(response, current_person(), clock.now())
    (one,) = compose.collect_questionnaires([key], reader_format())
    return render_template("clients/own_answer.html", response=response, one=one, scales=compose.SCALE_KINDS)


def _describe_answers(rows: list[Response]) -> dict[str, object]:
    said = {key: " ".join(words) for key, words in drilldown.comments_of(rows).items()}
    return {
        "answers": rows,
        "overall": drilldown.overall_ratings_of(rows),
        "said": {key: f"{t[:MAX_COMMENT_LENGTH]}…" if len(t) > MAX_COMMENT_LENGTH else t for key, t in said.items()},
    }


def _is_found(card: ClientCard, search: str) -> bool:
    words = search.casefold()
    return words in card.client.name.casefold() or words in card.client.name_en.casefold()


# --- what comes next ---------------------------------------------------------------------------------


def _find_next_step(own: OwnQuarter) -> NextStep:
    """The one thing to do for the quarter now."""
    if own.pressing and own.round.campaign is None:
        return _offer_opening(own)
    if own.pressing and own.to_invite:
        return _offer_inviting(own)
    if own.pressing and own.unasked:
        return _offer_handing_over(own)
    if own.letters_to_send:
        return _offer_letters(own)
    return _say_nothing_waits(own)


def _offer_opening(own: OwnQuarter) -> NextStep:
    quarter, asked = str(own.round.quarter), len(own.asked_clients)
    marked = sum(card.marked for card in own.asked_clients)
    return NextStep(
        gettext("The company survey of %(quarter)s is not open yet", quarter=quarter),
        ngettext("It will ask %(num)s client in your care. Contacts marked for it: %(marked)s.",
                 "It will ask %(num)s clients in your care. Contacts marked for it: %(marked)s.",
                 asked, marked=marked) + _describe_gaps(own),
        gettext("Open the survey of %(quarter)s", quarter=quarter),
        url_for("campaigns.open_round", quarter=quarter),
    )  # fmt: skip


def _offer_inviting(own: OwnQuarter) -> NextStep:
    left, marked = len(own.to_invite), sum(card.marked for card in own.to_invite)
    return NextStep(
        _describe_round(own),
        gettext("Next, check the %(marked)s marked contacts of these clients and invite them.", marked=marked)
        + _describe_gaps(own),
        ngettext("Check and invite the other %(num)s client", "Check and invite the other %(num)s clients", left),
        url_for("invitations.invite_contacts", key=own.round.campaign_id),
    )


def _offer_handing_over(own: OwnQuarter) -> NextStep:
    return NextStep(
        _describe_round(own),
        gettext("All of them are invited, but no mail has arrived and no link is handed over there yet."),
        gettext("Send or hand over the links"),
        url_for("campaigns.show_campaign", key=own.round.campaign_id),
    )


def _offer_letters(own: OwnQuarter) -> NextStep:
    waiting = len(own.letters_to_send)
    return NextStep(
        ngettext("%(num)s letter waits to be sent", "%(num)s letters wait to be sent", waiting),
        gettext("Quality control has released them; once you have read them they go out under your name."),
        gettext("Look at the letters and send them"),
        url_for("letter_board.list_letters", quarter=own.letters_of),
    )


def _say_nothing_waits(own: OwnQuarter) -> NextStep:
    campaign, quarter = own.round.campaign, Quarter.of_day(local_today())
    begins = quarter.last_day + timedelta(days=1) - quarterly_round.get_notice()
    if begins > local_today():
        text = gettext("The round of %(quarter)s begins on %(day)s.", quarter=str(quarter), day=format_day(begins))
    else:
        text = gettext("All clients to be asked in %(quarter)s were asked.", quarter=format_quarter(own.round.quarter))
    address = url_for("campaigns.show_campaign", key=campaign.id) if campaign else ""
    return NextStep(gettext("Nothing waits for you now"), text, "", address)


def _describe_round(own: OwnQuarter) -> str:
    facts = {"quarter": str(own.round.quarter), "missing": len(own.unasked), "all": len(own.asked_clients)}
    return gettext(quarterly_round.NOT_ASKED, **facts)


def _describe_gaps(own: OwnQuarter) -> str:
    gaps = len(own.to_mend)
    if not gaps:
        return ""
    said = ngettext("At %(num)s client nobody is marked yet.", "At %(num)s clients nobody is marked yet.", gaps)
    return f"{reader_format().gap}{said}"


def _find_card_step(card: ClientCard, own: OwnQuarter) -> tuple[str, str] | None:
    """What comes next for one client: said, and where."""
    campaign, key = own.round.campaign, card.client.id
    if own.pressing and card.reason in TO_MEND:
        return gettext("Mark or add a contact"), url_for("clients.show_client", key=key)
    if own.pressing and campaign and card.reason in (NotAskedReason.UNINVITED, NotAskedReason.WITHDRAWN):
        label = ngettext("Confirm %(num)s contact", "Confirm %(num)s contacts", card.marked)
        return label, url_for("invitations.invite_contacts", key=campaign.id, _anchor=f"client-{key}")
    if own.pressing and campaign and card.reason == NotAskedReason.UNREACHED:
        return gettext("Send or hand over the link"), url_for("campaigns.show_campaign", key=campaign.id)
    if card.letter and card.letter.letter and card.to_send:
        return gettext("Send the letter"), url_for("letters.show_letter", key=card.letter.letter.id)
    if card.feedback.overdue:
        return gettext("See what is overdue"), url_for(".show_own_client", key=key, _anchor="feedback")
    return None
