"""The promise above every form, made from the facts: what anonymity means there, and until when (Q1)."""

from __future__ import annotations

from csat.models.asking import Naming
from csat.models.base import Json
from csat.procedure.campaigns.links import SurveyRequest
from csat.words import N_

Sentence = tuple[str, Json]
FEW_FACTOR = 2  # so many times k people asked at a client are few


def build_promise(asked: SurveyRequest) -> list[Sentence]:
    """What is said above the form, from the facts (Q1): sentences to translate, with their parameters."""
    facts: dict[str, object] = {"k": asked.campaign.k, "date": asked.campaign.last_moment}
    if asked.campaign.naming == Naming.NAMED:
        return [(N_("This survey is answered by name, so that we can come back to you."), {})]
    first = N_("You can answer without your name: we do not keep who gave which answer.")
    if asked.campaign.naming == Naming.ANONYMOUS:
        first = N_("This survey is anonymous: we do not keep who gave which answer.")
    return [(first, {}), (_opening_sentence(asked), facts), (_identity_sentence(asked), facts)]


def build_paper_promise(asked: SurveyRequest) -> list[Sentence]:
    """The same of a printed form (P5): who types it in reads it, and the hand can be known."""
    if asked.campaign.naming == Naming.NAMED:
        return build_promise(asked)
    first, *others = build_promise(asked)
    if asked.campaign.naming == Naming.BOTH:
        first = (N_("You can answer this form without your name."), {})
    typing = N_(
        "A colleague of ours types it in by its code, and of some forms, drawn by lot, a second one; they see it only "
        "then. The answer is sealed like one given online, and we do not keep who gave which answer."
    )
    hand = N_("Your handwriting can give you away: with the code you can answer online instead.")
    return [first, (typing, {}), *others, (hand, {})]


def _opening_sentence(asked: SurveyRequest) -> str:
    if asked.campaign.naming == Naming.ANONYMOUS:
        return N_(
            "Answers are opened together, at the latest once %(date)s is over, or with those of the next "
            "survey if they are then fewer than %(k)s."
        )
    return N_(
        "For a quick reply leave your name; anonymous answers are opened together, at the latest once "
        "%(date)s is over, or with those of the next survey if they are then fewer than %(k)s."
    )


def _identity_sentence(asked: SurveyRequest) -> str:
    if asked.client is None:
        return N_("Your organisation is not named; what you write can still give you away.")
    if asked.invited < FEW_FACTOR * asked.campaign.k:  # k are more than half of so few
        return N_(
            "Your organisation is named only where at least %(k)s of its people answer, or if you allow it; "
            "few were asked there, and what you write can give you away, so you may still be recognised."
        )
    return N_(
        "Your organisation is named only where at least %(k)s of its people answer, or if you allow it; "
        "what you write can still give you away."
    )
