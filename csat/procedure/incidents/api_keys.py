"""The keys of ticket systems: made and revoked by an administrator, shown once, kept as hashes, each for one source."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from peewee import JOIN, ModelSelect

from csat.database import write
from csat.models.access import ApiKey
from csat.models.clients import IntakeMap
from csat.models.people import Person
from csat.procedure.clients import external_names
from csat.procedure.core import audit, settings, tokens
from csat.procedure.core.guards import get_or_refuse, need_text
from csat.procedure.core.refusals import InputWrong, NameTaken, Refusal
from csat.procedure.incidents.manual_entry import MANUAL_SOURCE
from csat.words import N_

KEY_PREFIX = "csat_"  # lets programs that look for lost secrets know one of ours
MINUTE = timedelta(minutes=1)


class KeyUnknown(Refusal):
    sentence = N_("We do not know this key. Send it as “Authorization: Bearer …”.")


class KeyRevoked(Refusal):
    sentence = N_("This key was revoked. An administrator can make a new one.")


class TooManyMessages(Refusal):
    sentence = N_("Too many messages. Please wait %(seconds)s seconds and send it again.")


class SourceReserved(InputWrong):
    sentence = N_("Incidents entered by hand are kept under this name. Please choose another one.")


def make_api_key(name: str, source: str, by: Person, now: datetime) -> tuple[ApiKey, str]:
    """Make a key for a source; return it and its text, which is not kept. Raise NameTaken."""
    name, source = need_text(name, "name"), need_text(source, "source")
    if source == MANUAL_SOURCE:
        raise SourceReserved(field="source")
    text = KEY_PREFIX + tokens.make_token()  # kept nowhere: the store has its hash
    with write():
        if ApiKey.get_or_none(ApiKey.name == name):
            raise NameTaken(field="name", name=name)
        key = ApiKey.create(name=name, source=source, key_hash=tokens.hash_token(text), made_by=by, made_at=now)
        audit.record(by, "key made", key, now, name=name, source=source)
    return key, text


def revoke_api_key(key: ApiKey, by: Person, now: datetime) -> None:
    """Let a key open nothing any more, from this instant; what it sent stays."""
    with write():
        alive = (ApiKey.id == key.id) & ApiKey.revoked_at.is_null()
        if ApiKey.update(revoked_by=by, revoked_at=now).where(alive).execute():  # pressed twice, the first time stays
            audit.record(by, "key revoked", key, now, name=key.name, source=key.source)


def admit_message(text: str, now: datetime, zone: tzinfo) -> ApiKey:
    """The key of a message that may be read now; raise KeyUnknown, KeyRevoked or TooManyMessages."""
    digest = tokens.hash_token(text)
    with write():
        key = ApiKey.get_or_none(ApiKey.key_hash == digest)
        if key is None:
            raise KeyUnknown
        if key.revoked_at is not None:
            raise KeyRevoked
        # A full minute's share at once, then one at a time; in the store, so that it holds for all processes.
        share = MINUTE / settings.get_whole_number("api_requests")
        spent_until = max(key.spent_until or now, now) + share
        if spent_until > now + MINUTE:
            raise TooManyMessages(seconds=-(-(spent_until - now - MINUTE) // timedelta(seconds=1)))
        key.spent_until, key.last_used_on = spent_until, now.astimezone(zone).date()
        key.save(only=["spent_until", "last_used_on"])
    return key


def name_key_actor(key: ApiKey) -> str:
    """How the history names what came with a key."""
    return f"key:{key.name}"


def list_api_keys() -> ModelSelect[ApiKey]:
    """A query of the keys with who made them: those in use first, by name."""
    query = ApiKey.select(ApiKey, Person).join(Person, JOIN.LEFT_OUTER, on=ApiKey.made_by)
    return query.order_by(ApiKey.revoked_at.is_null(False), ApiKey.name)


def list_sources() -> list[str]:
    """The systems that have a key or a map, or that incidents come from."""
    known = {key.source for key in ApiKey.select(ApiKey.source)}
    known |= {row.source for row in IntakeMap.select(IntakeMap.source)}
    return sorted(known | set(external_names.list_sources()) - {MANUAL_SOURCE})


def get_api_key(key: int) -> ApiKey:
    """A key; raise NotFound."""
    return get_or_refuse(ApiKey, key)
