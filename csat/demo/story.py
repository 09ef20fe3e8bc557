"""The whole story: every plan is put on one timeline, and the timeline is told into an empty store."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import datetime
from importlib.resources import files

from csat import clock
from csat.adapters import passwords
from csat.config import Config
from csat.demo.cast import Cast, create_cast
from csat.demo.commitments import plan_commitments
from csat.demo.letters import plan_letters
from csat.demo.open_cases import plan_open_cases
from csat.demo.own_mail import plan_own_mail
from csat.demo.paper_forms import plan_paper
from csat.demo.questionnaire_reviews import plan_questionnaire_reviews
from csat.demo.reporting import plan_reporting
from csat.demo.risks import plan_risks
from csat.demo.surveys import plan_surveys
from csat.demo.timeline import QUARTERS, Timeline
from csat.demo.weekly import plan_weekly
from csat.models.base import Json
from csat.models.questionnaires import QuestionnaireVersion
from csat.procedure.core.quarter import Quarter

Progress = Callable[[Quarter], None]

# Their order is part of the story: of two steps at one instant the one planned first is told first.
PLANS: tuple[Callable[[Timeline], None], ...] = (
    plan_reporting,
    plan_open_cases,
    plan_risks,
    plan_letters,
    plan_commitments,
    plan_questionnaire_reviews,
    plan_surveys,
    plan_weekly,
    plan_paper,
    plan_own_mail,
)


def load_content() -> Json:
    """The demo's cast, words and chances, as they ship."""
    return tomllib.loads((files("csat.demo") / "demo.toml").read_text("utf-8"))


def fill_store(config: Config, content: Json, password: str, progress: Progress | None = None) -> Cast:
    """Tell the story into an empty store; return its cast, all of whom have this password."""
    begins = Quarter.parse(content["first_quarter"]).start(config.timezone)
    # The story's provider had our questionnaires from its first day on, whenever this store was made.
    QuestionnaireVersion.update(published_at=begins, in_force_at=begins).execute()
    password_hash = passwords.hashed(password)
    with clock.freeze_at(begins):
        cast = create_cast(content, password_hash, begins, config.timezone)
    timeline = Timeline(cast, content, config)
    if progress:
        for index in range(QUARTERS + 1):
            timeline.at(timeline.quarter(index).start(timeline.zone), _announce, progress)
    for plan in PLANS:
        plan(timeline)
    timeline.tell()
    return cast


def _announce(timeline: Timeline, now: datetime, progress: Progress) -> None:
    progress(Quarter.of(now, timeline.zone))
