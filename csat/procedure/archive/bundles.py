"""The archive's bundles (P11): a quarter exported in parts, each proving itself and the one before it.

A bundle's manifest names every file's SHA-256, a seal of the history and the manifest before it, and the
history holds the manifest: neither can be changed alone. The files are kept for some days only, since what
is in them is subject to erasure (D5).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from peewee import JOIN, ModelSelect

from csat.database import write
from csat.models.answers import Answer, Response
from csat.models.archive import Bundle
from csat.models.base import Condition, canonical
from csat.models.people import Person
from csat.models.questionnaires import Question, Questionnaire, QuestionnaireVersion
from csat.models.records import AuditDetail, AuditEntry
from csat.models.work import Job, JobState, StoredFile
from csat.procedure.archive.search import find_corrected
from csat.procedure.core import audit, jobs
from csat.procedure.core.guards import LARGEST_KEY, get_or_refuse
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotPermitted, OutOfOrder, Refusal
from csat.procedure.people import link_holders, permissions
from csat.words import N_

RESPONSES_PER_PART = 1000  # responses: a minute or two of the ten that the worker gives a job
BUNDLE_LASTS = timedelta(days=14)  # so long a bundle can be fetched
JOB_KIND = "archive_bundle"
MADE_ACTION = N_("archive bundle made")


class NothingToExport(Refusal):
    sentence = N_("This quarter has no responses, so there is nothing to export.")


class BundleGone(Refusal):
    sentence = N_("This bundle is no longer kept here. Please make it anew.")


@dataclass(frozen=True)
class BundlePart:
    """A part of a quarter: its responses have keys after `after`, up to and with `until`."""

    number: int
    of: int
    after: int
    until: int


def split_quarter(quarter: Quarter, most: int = RESPONSES_PER_PART) -> list[BundlePart]:
    """How a quarter is exported: parts of about so many responses, a job each; raise NothingToExport."""
    responses = Response.select().where(Response.quarter == int(quarter)).count()
    if not responses:
        raise NothingToExport
    number = -(-responses // most)
    # Equal stretches of all possible keys, which are chance: a border that followed the keys would keep, with
    # an instant, that some response was there by then.
    borders = [-1, *(LARGEST_KEY * at // number for at in range(1, number)), LARGEST_KEY]
    return [BundlePart(at, number, borders[at - 1], borders[at]) for at in range(1, number + 1)]


def queue_bundles(quarter: Quarter, language: str, by: Person, now: datetime) -> list[Job]:
    """Have a quarter's bundles made, one job for each part. Raise NotPermitted or NothingToExport."""
    if not permissions.has_permission(by, "archive"):
        raise NotPermitted
    link_holders.ensure_may_read_quarter(by, quarter)
    parts = split_quarter(quarter)
    asked = {"quarter": int(quarter), "language": language, "by": by.id}
    with write():
        audit.record(by, "archive bundles asked for", f"quarter:{quarter}", now, parts=len(parts))
        return [jobs.queue_job(JOB_KIND, {**asked, **asdict(part)}, by, now) for part in parts]


def list_bundles_in_progress(person: Person) -> list[Job]:
    """The bundles that this person asked for and that are not made yet."""
    mine = Job.select().where(Job.kind == JOB_KIND, Job.asked_by == person)
    return list(mine.where(Job.state.in_((JobState.WAITING, JobState.RUNNING))).order_by(Job.id))


def group_responses(quarter: Quarter, after: int, until: int) -> list[tuple[str, int, list[int]]]:
    """The keys of a part's responses by form and version, in a fixed order: [(code, number, keys)]."""
    order = (Questionnaire.code, QuestionnaireVersion.number, Response.id)
    rows = Response.select(*order).join(QuestionnaireVersion).join(Questionnaire).order_by(*order)
    found: dict[tuple[str, int], list[int]] = defaultdict(list)
    for code, number, key in rows.where(*_part_conditions(int(quarter), after, until)).tuples():
        found[code, number].append(key)
    return [(code, number, keys) for (code, number), keys in found.items()]


def _part_conditions(quarter: int, after: int, until: int) -> list[Condition]:
    return [Response.quarter == quarter, Response.id > after, Response.id <= until]


def find_last_bundle() -> Bundle | None:
    """The newest bundle: the next one's manifest names it."""
    return Bundle.select().order_by(Bundle.id.desc()).first()


def find_last_seal() -> tuple[int, str]:
    """The newest entry of the history and its seal; (0, '') before the first."""
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).first()
    return (entry.id, entry.seal) if entry else (0, "")


def record_bundle(bundle: Bundle, stored: StoredFile, by: Person, now: datetime) -> Bundle:
    """Keep a bundle that was made, with its manifest in the history; OutOfOrder when another came between."""
    with write():
        before = find_last_bundle()
        if (before.id if before else None) != bundle.previous_id:  # its manifest names the wrong one before it
            raise OutOfOrder
        stored.save(force_insert=True)
        bundle.file, bundle.made_by, bundle.made_at = stored, by, now
        bundle.save(force_insert=True)
        facts: dict[str, object] = {"manifest": bundle.manifest, "file": stored.sha256, "part": bundle.part}
        facts |= {"parts": bundle.parts, "language": bundle.language, "responses": bundle.responses}
        audit.record(by, MADE_ACTION, f"quarter:{Quarter.from_int(bundle.quarter)}", now, **facts)
    return bundle


def select_bundles() -> ModelSelect[Bundle]:
    """A query of all bundles, the latest first."""
    query = Bundle.select(Bundle, Person, StoredFile).join(Person, JOIN.LEFT_OUTER)
    return query.join_from(Bundle, StoredFile, JOIN.LEFT_OUTER).order_by(Bundle.id.desc())


def download_bundle(person: Person, key: int, now: datetime) -> StoredFile:
    """The file of a bundle, for who exports, on record (D3); raise BundleGone when it expired."""
    if not permissions.has_permission(person, "archive"):
        raise NotPermitted
    bundle = get_or_refuse(Bundle, key)
    link_holders.ensure_may_read_quarter(person, Quarter.from_int(bundle.quarter))
    if bundle.file is None or is_bundle_expired(bundle, now):
        raise BundleGone
    audit.record(person, "archive bundle downloaded", bundle, now, manifest=bundle.manifest)
    return bundle.file


def list_expired_files(now: datetime) -> list[StoredFile]:
    """The files of bundles whose time is over; a bundle stays when its file is forgotten (D5)."""
    return [one.file for one in select_bundles() if one.file and is_bundle_expired(one, now)]


def is_bundle_expired(bundle: Bundle, now: datetime) -> bool:
    """Whether a bundle can no longer be fetched: its days are over, or somebody in it was erased since."""
    inside = Response.select().where(*_part_conditions(bundle.quarter, bundle.after, bundle.until))
    return now - bundle.made_at > BUNDLE_LASTS or inside.where(Response.erased_at >= bundle.made_at).exists()


def compute_digests(keys: Iterable[int]) -> dict[int, str]:
    """What each of these responses says, as a SHA-256 over its answers in the form's order."""
    said: dict[int, list[object]] = {key: [] for key in keys}
    columns = (Answer.response, Question.code, Answer.value, Answer.words, Answer.not_applicable)
    rows = Answer.select(*columns).join(Question).where(Answer.response.in_(list(said)))
    for key, code, value, words, na in rows.order_by(Question.position).tuples():
        said[key].append([code, value, words, bool(na)])
    return {key: hashlib.sha256(canonical(answers).encode()).hexdigest() for key, answers in said.items()}


def has_seal(entry: int, seal: str) -> bool:
    """Whether the history has this seal at this entry."""
    return entry == 0 or AuditEntry.select().where(AuditEntry.id == entry, AuditEntry.seal == seal).exists()


def is_manifest_recorded(manifest: str) -> bool:
    """Whether the history holds a bundle with this manifest; a broken chain proves nothing (`audit`)."""
    rows = AuditDetail.select().join(AuditEntry).where(AuditEntry.action == MADE_ACTION)
    return bool(rows.where(AuditDetail.detail.contains(f'"manifest":"{manifest}"')).exists())


def find_altered(said: dict[int, str], made_at: datetime) -> tuple[list[int], list[int]]:
    """Which responses read otherwise now than in a bundle: without a reason on record, and with one (D5)."""
    now, rows = compute_digests(said), Response.select(Response.id)
    there = {key for (key,) in rows.where(Response.id.in_(list(said))).tuples()}
    other = [key for key in said if key not in there or now[key] != said[key]]
    # A reason is a correction that two persons made since, or the lawful erasure of a name.
    erased = rows.where(Response.id.in_(other), Response.erased_at >= made_at)
    explained = find_corrected(other, made_at) | {key for (key,) in erased.tuples()}
    return [key for key in other if key not in explained], [key for key in other if key in explained]
