"""What colleagues wrote for one another, and a letter would repeat: titles of feedback, and what actions say.

A proposal takes them over, so that QA need not look them up. None reaches a client before somebody of QA has
read it as its reader will, and said that it may go out (P13, decision 0193).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC

from csat.models.base import Json
from csat.models.clients import Client
from csat.models.letters import Letter
from csat.procedure.core.contact_details import mask_text
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import InputWrong
from csat.procedure.letters import facts, wording
from csat.words import N_

TAKEN_OVER = "internal"  # among a letter's facts: what of this stood in its words as they were proposed


class InternalUnread(InputWrong):
    sentence = N_(
        "The letter repeats what colleagues wrote for internal use. Please read these texts as the client will, "
        "change them, or tick that they may go out as they stand."
    )


def find_internal_texts(letter: Letter, words: Json) -> list[str]:
    """The titles and actions that stand in these words, whole or in a passage, with names covered as there."""
    return match_internal_texts(
        letter.client, Quarter.from_int(letter.quarter), words, letter.facts.get(TAKEN_OVER, ())
    )


def match_internal_texts(client: Client, quarter: Quarter, words: Json, taken_over: Iterable[str] = ()) -> list[str]:
    """The same, of a client's feedback as it is now, and of what a proposal took over: it may be gone since."""
    told = facts.gather_facts(client, quarter, UTC)
    texts = [one.title for one in told.matters] + [one.what for one in told.measures]
    covered = dict.fromkeys([*taken_over, *(mask_text(text, told.names) for text in texts if text)])
    letter_text = "\n".join(text for of in wording.list_texts(words).values() for text in of.values())
    return [text for text in covered if text in letter_text or wording.find_quotation(text, [letter_text])]


def refuse_unread(letter: Letter) -> None:
    """Raise InternalUnread where a letter repeats some, and nobody has said that they may go out."""
    if letter.internal_read_at is None and find_internal_texts(letter, letter.words):
        raise InternalUnread(field="read")
