"""The page of one letter: as its client sees it, where it stands, and what its reader can do (P13)."""

from __future__ import annotations

from collections.abc import Callable

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import StringField

from csat.config import LOCALES
from csat.documents.letters import compose
from csat.models.base import Json
from csat.models.letters import Letter, LetterState
from csat.procedure.clients import clients
from csat.procedure.core.contact_details import mask_email
from csat.procedure.core.documents import find_files
from csat.procedure.core.quarter import Quarter
from csat.procedure.letters import board, letters, links, sending
from csat.web.access import current_person
from csat.web.app import current_config
from csat.web.formatting import local_today, operator_zone
from csat.web.forms import ButtonForm, Made, Said, StaffForm, limit_length, submit
from csat.web.language import current_locale

SEE_RIGHT, WRITE_RIGHT, SEND_RIGHT = "letters.see", "letters.write", "letters.send"


class TakeBackForm(StaffForm):
    reason = StringField(_l("Why it is taken back"), [limit_length(400)])


def visible_letter(key: int) -> Letter:
    """The letter, for a reader who may see it."""
    return letters.letter_for(current_person(), key, local_today())


def letter_document(letter: Letter) -> Json:
    """What a letter shows: as it was fixed, or of a draft as it stands now."""
    return letter.document or compose.compose_letter(letter, operator_zone())


def take_step(
    letter: Letter, form: StaffForm, verb: Callable[[], Made], said: Said[Made], to: Said[Made]
) -> ResponseReturnValue:
    """Let a form on the letter's page do its one thing; 422 or 409 when it was refused."""
    done = submit(form, verb, said, to)
    return done or (render_letter(letter, form), 422 if isinstance(form, TakeBackForm) else 409)


def render_letter(letter: Letter, refused: StaffForm | None = None) -> str:
    """The letter's page; a form that was refused stands in its place."""
    sent, opened = letter.state == LetterState.SENT, board.find_activity(letter)
    manager, takes_back = clients.manager_of(letter.client, local_today()), isinstance(refused, TakeBackForm)
    return render_template(
        "letters/show.html",
        letter=letter,
        facts=letter.facts,
        bodies={code: compose.render_body(letter_document(letter), code) for code in LOCALES},
        language=current_locale(),
        quarter=Quarter.from_int(letter.quarter),
        plain=refused if refused and not takes_back else ButtonForm(),
        reason=refused if takes_back else TakeBackForm(formdata=None),
        manager=manager,
        mine=current_user.may(SEND_RIGHT) and manager == current_person(),
        writes=current_user.may(WRITE_RIGHT),
        contacts=sending.list_contacts(letter),
        masked=mask_email,
        mails={mail.contact_id: mail for mail in sending.list_mails(letter)},
        links=links.list_links(letter) if sent else [],
        opened=opened,
        to_hand_over=sent and opened.by_nobody,
        kept=find_files(letter),
        replaced=letters.find_replacement(letter),
        newest=letters.find_newest(letter.client, Quarter.from_int(letter.quarter)),
        mails_go=current_config().mails,  # without a mail server there are links to hand over only
        languages=LOCALES,
    )
