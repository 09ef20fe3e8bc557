"""The demo's second half: feedback goes its way, from QA to the department to the improvement group."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from csat.demo import archive, checks, commitments, desk, evidence, letters, open_cases, reporting, risks
from csat.demo import follow_up as demo_effect
from csat.demo.cast import add_workdays
from csat.demo.timeline import QUARTERS, Timeline
from csat.models.answers import Response
from csat.models.base import Json
from csat.models.feedback import (
    ActionKind,
    CallBackOutcome,
    Feedback,
    FeedbackOrigin,
    FeedbackState,
    IssueType,
    Severity,
)
from csat.models.people import Person
from csat.models.questionnaires import Kind
from csat.procedure.core.quarter import Quarter
from csat.procedure.feedback import actions, callbacks, classification, confirmation
from csat.procedure.feedback.view import FeedbackView
from csat.procedure.review import verdicts

DAYS_BY_SEVERITY = {Severity.CRITICAL: 4, Severity.MAJOR: 9, Severity.MINOR: 18, Severity.SUGGESTION: 34}
BEHIND, SLOWER, SINCE = "网络部", 14.0, timedelta(days=150)  # lately this department falls behind
EXPLAINED, RETURNED = 0.4, 0.12


class WholeStory(Timeline):
    """The story with what follows from the answers."""

    def follow_up(self, now: datetime) -> None:
        """QA takes feedback out of what was said, or sees nothing to act on."""
        desk.sort_responses(self.cast.agents[0], self.content["first_sorting"], self._comment, now)
        quarter, calls = Quarter.of(now, self.zone), self.content["check_call"]
        checks.run_check_calls(quarter, self.cast.too_good, self.cast.people["qa2"], calls, now)
        qa = self.cast.people["qa"]
        for response in sorted(
            verdicts.select_proposals(), key=lambda one: (self._words_of(one), one.client_id or 0)
        ):
            if demo_effect.take_up_again(self, response, qa, now):
                continue
            comment = self._comment(response)
            if comment is None or comment.get("praise"):
                verdicts.dismiss_proposal(response, self.content["dismissal"]["reason"], qa, now)
            else:
                self._take(response, comment, qa, now)

    def _take(self, response: Response, comment: Json, qa: Person, now: datetime) -> None:
        name = comment["department"] or "应用支持部"
        department = self.cast.departments[name]
        answer, words = next((a, a.words) for a in response.answers if a.words)
        taken = classification.create_feedback(
            self._title(comment, response),
            words,
            FeedbackOrigin.RESPONSE,
            response.client,
            IssueType.get(IssueType.code == comment["type"]),
            Severity(comment["severity"]),
            response.quarter,
            qa,
            now,
            department=department,
            supervisor=self.cast.people["qa2"],
            sources=[classification.SourcePassage(response, answer, 0, len(words))],
        )
        dice = random.Random(f"{comment['title']}:{now}:{response.client_id}")
        slow = name == BEHIND and now > self.ends - SINCE
        days = DAYS_BY_SEVERITY[taken.severity] * dice.uniform(0.6, 1.05) * (SLOWER if slow else 1.0)
        self._plan_steps(taken, comment, self.cast.owners[department.id], days, dice, now)

    def _plan_steps(
        self,
        taken: Feedback,
        comment: Mapping[str, object],
        owner: Person,
        days: float,
        dice: random.Random,
        now: datetime,
    ) -> None:
        supervisor, checker = self.cast.people["qa2"], self.cast.people["improvement"]
        steps: list[tuple[float, Callable[..., None], Person]] = [(0.1, self.call_back, owner)]
        if taken.severity == Severity.SUGGESTION and dice.random() < EXPLAINED:
            steps += [(0.4, self.explain, owner), (0.6, self.confirm, checker)]
        else:
            steps += [(0.25, self.propose, owner), (0.35, self.accept, supervisor), (0.4, self.start, owner)]
            steps.append((0.7, self.finish, owner))
            if dice.random() < RETURNED:
                steps += [(0.8, self.hand_back, checker), (0.95, self.finish, owner)]
            steps.append((1.0, self.confirm, checker))
        before = now
        for part, step, person in steps:
            hours = max(days * part * 24, 2 + part * 20)
            before = max(self._desk_time(now + timedelta(hours=hours), dice), before + timedelta(minutes=20))
            self.at(before, step, taken.id, comment, person)

    def plan_again(self, taken: Feedback, comment: dict[str, object], owner: Person, now: datetime) -> None:
        """What came again goes the usual way, faster."""
        dice = random.Random(f"again:{taken.title}:{now}")
        self._plan_steps(
            taken, comment, owner, DAYS_BY_SEVERITY[taken.severity] * dice.uniform(0.4, 0.8), dice, now
        )

    def call_back(self, now: datetime, key: int, comment: Mapping[str, object], by: Person) -> None:
        """The department talks to the client, or replies on the receipt page."""
        taken = Feedback.get_by_id(key)
        words = self.content["call_back"]["reply" if FeedbackView(taken).fully_anonymous else "words"]
        outcome = CallBackOutcome.REPLIED if FeedbackView(taken).fully_anonymous else CallBackOutcome.REACHED
        callbacks.record_call_back(taken, outcome, words, by, now)

    def propose(self, now: datetime, key: int, comment: Json, by: Person) -> None:
        """The department proposes a corrective and a preventive action."""
        due = add_workdays(now.astimezone(self.zone), 12).date()
        plan = [
            (ActionKind.CORRECTIVE, comment["corrective"], by, due),
            (ActionKind.PREVENTIVE, comment["preventive"], by, due + timedelta(days=7)),
        ]
        taken = Feedback.get_by_id(key)
        plan, shared = evidence.share_actions(taken, plan)
        actions.propose_plan(taken, comment["cause"], plan, by, now, self.zone, shared)

    def accept(self, now: datetime, key: int, comment: Mapping[str, object], by: Person) -> None:
        """The supervisor accepts the plan."""
        classification.accept_plan(Feedback.get_by_id(key), by, now)

    def start(self, now: datetime, key: int, comment: Mapping[str, object], by: Person) -> None:
        """The work begins."""
        actions.start_work(Feedback.get_by_id(key), by, now)

    def finish(self, now: datetime, key: int, comment: Mapping[str, object], by: Person) -> None:
        """Every action is done, and the department says so."""
        taken = Feedback.get_by_id(key)
        for link in [one for one in taken.action_links if one.action.done_at is None]:
            words, kept = (
                self.content["call_back"]["evidence"],
                evidence.create_evidence(self.config, link.action, now),
            )
            actions.finish_action(link.action, words, by, now, self.zone, kept)
        actions.finish_work(taken, self.content["call_back"]["done"], by, now)

    def explain(self, now: datetime, key: int, comment: Mapping[str, object], by: Person) -> None:
        """What cannot be done now is explained to the client."""
        callbacks.explain_feedback(Feedback.get_by_id(key), self.content["call_back"]["explained"], by, now)

    def hand_back(self, now: datetime, key: int, comment: Mapping[str, object], by: Person) -> None:
        """The improvement group is not convinced yet."""
        confirmation.return_feedback(Feedback.get_by_id(key), self.content["call_back"]["returned"], by, now)

    def issue_report(self, now: datetime) -> None:
        """The last report but one is issued in time."""
        quarter = self.first.plus(QUARTERS - 2)
        desk.write_summary(quarter, self.cast.agents[0], self.content["first_sorting"], now)
        reporting.issue_demo_report(quarter, self.cast, self.config, now)

    def tell(self, progress: Callable[[Quarter], None]) -> None:
        """The whole story, with the report of the last quarter but one three weeks after its end."""
        self.at(
            self.first.plus(QUARTERS - 1).start(self.zone) + timedelta(days=21, hours=9), self.issue_report
        )
        open_cases.plan_open_cases(self)
        risks.plan_risks(self)
        letters.plan_letters(self)
        commitments.plan_commitments(self, self._plan_steps)
        archive.plan_corrections(self)
        super().tell(progress)

    def confirm(self, now: datetime, key: int, comment: Mapping[str, object], by: Person) -> None:
        """The improvement group confirms that it worked."""
        taken = Feedback.get_by_id(key)
        if taken.state in (FeedbackState.DONE, FeedbackState.EXPLAINED):
            confirmation.confirm_feedback(taken, self.content["call_back"]["confirmed"], by, now, self.zone)
            demo_effect.send_follow_up(self, taken, now)

    def _title(self, comment: Json, response: Response) -> str:
        about = response.incident.title if response.incident else ""
        return f"{comment['title']}：{about}" if about else comment["title"]

    def _comment(self, response: Response) -> dict[str, object] | None:
        words = self._words_of(response)
        return next(
            (one for one in self.content["comment"] if one["zh"] in words or one["en"] in words), None
        )

    def _words_of(self, response: Response) -> str:
        return next((a.words for a in response.answers if a.words and a.question.kind == Kind.TEXT), "")
