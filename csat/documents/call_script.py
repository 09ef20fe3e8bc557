"""What is said before and after a telephone survey, in the client's language, from the facts (P2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from csat.documents.locale_format import LocaleFormat
from csat.models.base import Localised
from csat.models.clients import Contact, Incident
from csat.models.questionnaires import QuestionnaireVersion
from csat.words import N_


@dataclass(frozen=True)
class CallScript:
    """The sentences of a call in one language: before the questions, and after them."""

    language: str
    opening: tuple[str, ...]
    closing: str


def write_call_script(
    language: str,
    agent: str,
    provider: Localised,
    contact: Contact,
    incident: Incident | None,
    version: QuestionnaireVersion,
    zone: ZoneInfo,
) -> CallScript:
    """Who calls, about what, how long it takes, that one may refuse, and that answers are noted by name."""
    tongue = LocaleFormat(language, zone)
    say = tongue.texts.gettext
    return CallScript(
        tongue.html,
        (
            _greeting(tongue, say, agent, provider, contact),
            _matter(tongue, say, incident),
            tongue.texts.ngettext(
                "May I ask you a few questions about it? It takes about %(number)s minute.",
                "May I ask you a few questions about it? It takes about %(number)s minutes.",
                version.minutes,
            )
            % {"number": version.minutes},
            say(N_("You are free to say no, and then we will not ask about it again.")),
            # an answer by telephone is never anonymous: who asks hears it
            say(N_("Your answers are noted with your name, so that we can come back to you.")),
        ),
        say(N_("Thank you. Is there anything else you would like us to know?")),
    )


def _greeting(
    tongue: LocaleFormat, say: Callable[[str], str], agent: str, provider: Localised, contact: Contact
) -> str:
    named = provider.in_(tongue.language)
    sentence = N_("Hello, this is %(agent)s of the service desk. Am I speaking with %(contact)s?")
    if named:
        sentence = N_("Hello, this is %(agent)s of %(provider)s. Am I speaking with %(contact)s?")
    return say(sentence) % {"agent": agent, "provider": named, "contact": contact.name}


def _matter(tongue: LocaleFormat, say: Callable[[str], str], incident: Incident | None) -> str:
    if incident is None or incident.first_closed_at is None:
        return say(N_("We would like to know how content you are with our service."))
    day = tongue.day(incident.first_closed_at.isoformat())
    facts = {"number": incident.number, "title": incident.title, "day": day}
    if incident.title:
        return say(N_("It is about your report %(number)s, “%(title)s”, which we closed on %(day)s.")) % facts
    return say(N_("It is about your report %(number)s, which we closed on %(day)s.")) % facts
