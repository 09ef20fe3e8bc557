"""What is inside a sealed anonymous answer, of one size for all answers to one form (anonymity 2).

Beside the answers it holds what the release needs to decide and then forgets: the client, and who it
was. Three answers of one person are not three people, so the release counts people (decision 0010).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from csat.models.answers import Duration
from csat.models.asking import Channel, Invitation, Link
from csat.models.base import canonical
from csat.models.questionnaires import Kind, Question
from csat.procedure.clients.merging import find_person
from csat.procedure.questionnaires.answers import MAX_LENGTH, Answers, GivenAnswer

PADDING_BLOCK = 4096
FRAME_BYTES = 1024  # room for what is not an answer
CONTACT = "contact:"  # before the key, where a contact says who answered
MOST_HOLDERS = 12
BYTES_PER_CHARACTER = 4  # bytes of a character, at most


@dataclass(frozen=True)
class Envelope:
    """An anonymous answer as it lies in the mailbox."""

    receipt: int
    client: int | None
    person: str
    name_client: bool  # the respondent allows naming the client even if that gives them away
    channel: Channel
    duration: Duration | None
    answers: Answers
    holders: tuple[int, ...] = ()  # who of us had the link in hand: counted at the release (D7)


def pack_envelope(envelope: Envelope, questions: Iterable[Question]) -> bytes:
    """The bytes to seal: as many for a blank form as for the fullest one."""
    content: dict[str, object] = asdict(envelope)
    content["answers"] = {
        code: [given.value, given.words, given.not_applicable] for code, given in envelope.answers.items()
    }
    return canonical(content).encode().ljust(compute_envelope_size(questions))


def unpack_envelope(plain: bytes) -> Envelope:
    """The answer in opened bytes; raise ValueError for anything else."""
    try:
        content = json.loads(plain)
        content["answers"] = {code: GivenAnswer(*parts) for code, parts in content["answers"].items()}
        content["channel"] = Channel(content["channel"])
        content["duration"] = content["duration"] and Duration(content["duration"])
        content["holders"] = tuple(content.get("holders", ()))  # none in those sealed by earlier releases
        return Envelope(**content)
    except (KeyError, TypeError, AttributeError) as wrong:
        raise ValueError("this is no answer") from wrong


def compute_envelope_size(questions: Iterable[Question]) -> int:
    """How many bytes the fullest answer to these questions can take, in whole blocks."""
    longest = FRAME_BYTES + sum(map(_longest_answer, questions))
    return -(-longest // PADDING_BLOCK) * PADDING_BLOCK


def identify_person(invitation: Invitation) -> str:
    """Who answers, as far as we can tell people apart: in doubt two are taken for one."""
    if invitation.contact is not None:
        return f"{CONTACT}{find_person(invitation.contact).id}"
    if invitation.channel == Channel.PAPER:  # of a stack: each form was handed to somebody else (decision 0183)
        return f"form:{invitation.id}"
    incident = invitation.incident
    if incident is not None and incident.reported_by:
        return f"caller:{incident.source}:{incident.reported_by}"
    return f"client:{invitation.client_id}"


def find_holders(invitation: Invitation) -> tuple[int, ...]:
    """Who of us had a link of an invitation in hand, as far as there is room for them."""
    held = Link.select(Link.shown_to).where(
        Link.invitation == invitation.id, Link.by_hand, Link.shown_to.is_null(False)
    )
    return tuple(sorted({key for (key,) in held.tuples()})[:MOST_HOLDERS])


def _longest_answer(question: Question) -> int:
    frame = 64 + len(question.code)
    if question.kind == Kind.TEXT:
        return frame + BYTES_PER_CHARACTER * MAX_LENGTH
    return frame + sum(BYTES_PER_CHARACTER * len(option["code"]) + 1 for option in question.options or ())
