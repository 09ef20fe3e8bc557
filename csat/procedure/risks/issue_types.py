"""The issue types (§6): each belongs to one risk domain; its code never changes, its words, domain and order may."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from peewee import Case, fn

from csat.config import LOCALES
from csat.database import write
from csat.models.base import Localised
from csat.models.feedback import Feedback, FeedbackState, IssueType, RiskDomain
from csat.models.records import AuditEntry
from csat.procedure.core import audit
from csat.procedure.core.bilingual import clean_line, name_field
from csat.procedure.core.guards import get_or_refuse, need_text
from csat.procedure.core.refusals import InputWrong, NameTaken
from csat.words import N_

MAX_NAME_LENGTHS = {"zh": 20, "en": 40}
MAX_HINT_LENGTHS = {"zh": 100, "en": 250}
MAX_CODE_LENGTH = 40
CODE = re.compile(r"[a-z][a-z0-9_]*")

# What the history calls a change of a type.
ADDED, CHANGED, MOVED = N_("issue type added"), N_("issue type changed"), N_("issue type put in another place")
RETIRED, RESTORED = N_("issue type retired"), N_("issue type restored")


class CodeMalformed(InputWrong):
    sentence = N_("A code begins with a letter and has only small letters a–z, digits and _, at most 40 of them.")


class LastOfDomain(InputWrong):
    sentence = N_(
        "This is the last type in use of its domain: nothing could be classified there any more. "
        "Add a type to the domain, or move one there, first."
    )


class TypeRetired(InputWrong):
    sentence = N_("This type was retired meanwhile. Please choose another one.")


class CountedType(NamedTuple):
    """A type with how much feedback carries it."""

    type: IssueType
    waiting: int
    total: int


def list_counted_types() -> list[tuple[RiskDomain, list[CountedType]]]:
    """All types by domain in their order, the retired ones too, with how much feedback carries each."""
    open_ = fn.SUM(Case(None, [(Feedback.state != FeedbackState.CONFIRMED, 1)], 0))
    rows = Feedback.select(Feedback.issue_type, open_, fn.COUNT(Feedback.id)).group_by(Feedback.issue_type)
    counts = {key: (waiting, total) for key, waiting, total in rows.tuples()}
    types: dict[int, list[CountedType]] = {}
    for row in IssueType.select().order_by(IssueType.position, IssueType.id):
        types.setdefault(row.domain_id, []).append(CountedType(row, *counts.get(row.id, (0, 0))))
    return [(domain, types.get(domain.id, [])) for domain in RiskDomain.select().order_by(RiskDomain.position)]


def get_type(code: str) -> IssueType:
    """A type by its code; raise NotFound."""
    return get_or_refuse(IssueType, IssueType.code == code)


def propose_code(english: str) -> str:
    """A free code made of an English name: slow_reply, then slow_reply_2."""
    words = re.sub(r"[^a-z0-9]+", "_", english.lower()).strip("_")
    start = words if CODE.match(words) else f"type_{words}".rstrip("_")
    code, number = start[: MAX_CODE_LENGTH - 3].rstrip("_"), 1
    proposed = code
    while IssueType.select().where(IssueType.code == proposed).exists():
        number += 1
        proposed = f"{code}_{number}"
    return proposed


def add_type(
    domain: RiskDomain, name: Mapping[str, str], hint: Mapping[str, str], code: str, by: audit.Actor, now: datetime
) -> IssueType:
    """Add a type at the end of its domain; without a code it gets one made of its English name."""
    with write():
        named, hinted = _check_names(name), _check_hints(hint)
        code = _check_code(code.strip()) if code.strip() else propose_code(named["en"])
        made = IssueType.create(code=code, position=_next_position(), name=named, hint=hinted, domain=domain)
        audit.record(by, ADDED, _subject(made), now, domain=domain.code, name=named, hint=hinted)
    return made


def change_type(
    issue_type: IssueType,
    domain: RiskDomain,
    name: Mapping[str, str],
    hint: Mapping[str, str],
    by: audit.Actor,
    now: datetime,
) -> None:
    """Reword a type, or move it to another domain, into whose count its feedback of all quarters goes along."""
    with write():
        fresh = IssueType.get_by_id(issue_type.id)
        named, hinted = _check_names(name, fresh), _check_hints(hint)
        before = {"name": dict(fresh.name), "hint": dict(fresh.hint), "domain": fresh.domain.code}
        after = {"name": dict(named), "hint": dict(hinted), "domain": domain.code}
        if before == after:
            return
        if domain.id != fresh.domain_id:
            _refuse_last_of_domain(fresh, "domain")
            fresh.position = _next_position()
        fresh.name, fresh.hint, fresh.domain = named, hinted, domain
        fresh.save()
        changed = {field: [before[field], after[field]] for field in after if before[field] != after[field]}
        audit.record(by, CHANGED, _subject(fresh), now, **changed)


def shift_type(issue_type: IssueType, down: bool, by: audit.Actor, now: datetime) -> None:
    """Change places with the neighbour of the same domain; at the end nothing happens."""
    with write():
        siblings = IssueType.select().where(IssueType.domain == issue_type.domain_id)
        order = list(siblings.order_by(IssueType.position, IssueType.id))
        place = next(place for place, one in enumerate(order) if one.id == issue_type.id)
        other = place + (1 if down else -1)
        if not 0 <= other < len(order):
            return
        positions = _spread([one.position for one in order])
        order[place], order[other] = order[other], order[place]
        for position, one in zip(positions, order, strict=True):
            IssueType.update(position=position).where(IssueType.id == one.id).execute()
        places = [place + 1, other + 1]
        audit.record(by, MOVED, _subject(issue_type), now, place=places)


def retire_type(issue_type: IssueType, by: audit.Actor, now: datetime) -> None:
    """Offer a type for nothing new; feedback that carries it, and figures, keep it. Raise LastOfDomain."""
    with write():
        fresh = IssueType.get_by_id(issue_type.id)
        if fresh.retired_at is not None:
            return
        _refuse_last_of_domain(fresh, "")
        IssueType.update(retired_at=now).where(IssueType.id == fresh.id).execute()
        audit.record(by, RETIRED, _subject(fresh), now)


def restore_type(issue_type: IssueType, by: audit.Actor, now: datetime) -> None:
    """Offer a retired type again."""
    with write():
        if IssueType.get_by_id(issue_type.id).retired_at is None:
            return
        IssueType.update(retired_at=None).where(IssueType.id == issue_type.id).execute()
        audit.record(by, RESTORED, _subject(issue_type), now)


def refuse_retired_type(issue_type: IssueType) -> None:
    """Raise TypeRetired: somebody may have retired it since the page was shown."""
    if IssueType.get_by_id(issue_type.id).retired_at is not None:
        raise TypeRetired(field="issue_type")


def find_last_changes() -> dict[str, AuditEntry]:
    """The last change of each type, by its code."""
    acts = audit.find_last_acts((ADDED, CHANGED, MOVED, RETIRED, RESTORED))
    return {subject.removeprefix("issue_type:"): entry for subject, entry in acts.items()}


def _subject(issue_type: IssueType) -> str:
    return f"issue_type:{issue_type.code}"


def _check_names(name: Mapping[str, str], own: IssueType | None = None) -> Localised:
    """Both names, each unlike that of every other type, retired ones too: old feedback still shows theirs."""
    others = [row.name for row in IssueType.select() if own is None or row.id != own.id]
    named = Localised()
    for language in LOCALES:
        field = name_field("name", language)
        line = named[language] = clean_line(field, need_text(name[language], field), MAX_NAME_LENGTHS[language])
        if line.casefold() in {other[language].casefold() for other in others}:
            raise NameTaken(field=field, name=line)
    return named


def _check_hints(hint: Mapping[str, str]) -> Localised:
    hinted = Localised()
    for language in LOCALES:
        field = name_field("hint", language)
        hinted[language] = clean_line(field, need_text(hint[language], field), MAX_HINT_LENGTHS[language])
    return hinted


def _check_code(code: str) -> str:
    if len(code) > MAX_CODE_LENGTH or not CODE.fullmatch(code):
        raise CodeMalformed(field="code")
    if IssueType.select().where(IssueType.code == code).exists():
        raise NameTaken(field="code", name=code)
    return code


def _spread(positions: list[int]) -> list[int]:
    """The same places, one for each: what a later release ships can stand at a place that is taken."""
    distinct = len(set(positions)) == len(positions)
    return positions if distinct else [positions[0] + number for number in range(len(positions))]


def _next_position() -> int:
    return (IssueType.select(fn.MAX(IssueType.position)).scalar() or 0) + 1


def _refuse_last_of_domain(issue_type: IssueType, field: str) -> None:
    here = (IssueType.domain == issue_type.domain_id) & IssueType.retired_at.is_null()
    if issue_type.retired_at is None and IssueType.select().where(here).count() == 1:
        raise LastOfDomain(field=field)
