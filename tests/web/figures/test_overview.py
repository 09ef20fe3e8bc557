"""QA's first page: what it shows, of which quarter, and what it lets be opened."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from csat.commands import mailbox as mailbox_commands
from csat.figures import statistics
from csat.figures.types import Rate
from csat.models.answers import Mailbox, Response
from csat.models.base import random_key
from csat.models.clients import Tier
from csat.models.feedback import Severity
from csat.models.records import AuditEntry
from csat.models.work import Job, JobState
from csat.procedure.commitments import commitments
from csat.procedure.core import jobs
from csat.procedure.review import tally
from csat.procedure.survey import mailbox
from csat.web.figures import overview_charts
from tests.builders import NOW, a_campaign, a_client, an_account
from tests.feedback_builders import a_feedback
from tests.figures.stores import a_response


@pytest.fixture
def answered(app):
    """A quarter with a client that shows and one that does not."""
    core, few, named = a_client("华东物流"), a_client("第二医院", tier=Tier.IMPORTANT), a_client("城建集团")
    for client, anonymous, number in ((core, True, 6), (few, True, 2), (named, False, 12)):
        for _ in range(number):
            a_response(client=client, anonymous=anonymous)
    tally.rebuild_tally()


def sealed(campaign, number: int) -> None:
    """So many answers that wait in a campaign's mailbox."""
    for _ in range(number):
        Mailbox.create(id=random_key(), campaign=campaign, sealed=b"x")


def test_the_page_shows_the_rate_with_its_n_and_hides_what_is_too_little(page, cast, answered):
    page.sign_in_as(cast.qa).get("/qa/")
    assert page.heading == "This quarter"
    assert "100.0%" in page.text
    assert "n = 20" in page.text
    assert "too few, not shown" in page.text
    assert page.text.index("城建集团") < page.text.index("第二医院")  # core before important


def test_feedback_in_time_says_which_feedback_it_counts(page, cast, answered):
    a_feedback(cast, Severity.MAJOR, now=NOW - timedelta(days=40))
    page.sign_in_as(cast.qa).get("/qa/?quarter=2026Q3")
    assert "0 of 1 feedback raised in this quarter" in page.text
    assert "for feedback raised in this quarter" in page.text


def test_the_quarter_can_be_chosen_and_its_address_shared(page, cast, answered):
    a_response(quarter=20254)
    tally.rebuild_tally()
    page.sign_in_as(cast.qa).get("/qa/").fill(quarter="2025Q4")
    assert page.heading == "Q4 2025"
    assert "n = 1" in page.text


def test_waiting_answers_are_opened_only_when_enough_wait(page, cast, answered):
    campaign = a_campaign()
    sealed(campaign, 2)
    page.sign_in_as(cast.qa).get("/qa/")
    assert "Open those that keep their client" not in page.text
    page.post("/qa/release", status=409)
    assert Job.select().count() == 0

    sealed(campaign, 1)
    page.get("/qa/").fill("Open those that keep their client")

    assert [(job.kind, job.arguments) for job in Job.select()] == [("release", {"patient": True})]


def test_opening_what_loses_its_client_asks_first(page, cast, answered):
    sealed(a_campaign(), 3)
    page.sign_in_as(cast.qa).get("/qa/").follow("Open all that have company")
    assert "lose their client for good" in page.text and not Job.select().exists()
    page.fill("Open all that have company")
    assert [job.arguments for job in Job.select()] == [{"patient": False}]
    assert page.path == f"/jobs/{Job.get().id}"


def test_the_job_says_how_many_were_opened_and_how_many_lost_their_client(page, cast):
    job = jobs.queue_job("release", {"patient": True}, cast.qa, NOW)
    outcome = {"opened": 7, "without_client": 2, "void": 0}
    Job.update(state=JobState.DONE, outcome=outcome).where(Job.id == job.id).execute()
    page.sign_in_as(cast.qa).get(f"/jobs/{job.id}")
    assert "7 answers are opened" in page.text and "2 of them without their client" in page.text
    Job.update(outcome={"opened": 0, "without_client": 0, "void": 0}).where(Job.id == job.id).execute()
    assert "Nothing was opened" in page.get(f"/jobs/{job.id}").text


@pytest.fixture
def asked(monkeypatch):
    """Of each release that is begun, whether it is patient."""

    def begin(now, unseal, by=None, patient=False):
        return begun.append(patient) or []

    begun: list[bool] = []
    monkeypatch.setattr(mailbox, "release_due_campaigns", begin)
    return begun


def test_the_release_job_is_patient_when_asked_to_be(app, cast, monkeypatch, config, asked):
    monkeypatch.setattr(mailbox_commands, "load_config", lambda: config)
    for arguments in ({"patient": True}, {"patient": False}, {}):
        progress = jobs.JobProgress(jobs.queue_job("release", arguments, cast.qa, NOW))
        made = mailbox_commands.release_as_job(arguments, progress)
        assert made == {"opened": 0, "without_client": 0, "void": 0, "releases": []}
    assert asked == [True, False, False]


def test_the_command_can_be_patient(app, monkeypatch, config, asked):
    monkeypatch.setattr(mailbox_commands, "open_system", lambda: config)
    runner = CliRunner()
    assert "lose" in runner.invoke(mailbox_commands.release, ["--help"]).output
    for options in (["--patient"], []):
        assert runner.invoke(mailbox_commands.release, options).exit_code == 0
    assert asked == [True, False]


def test_a_director_sees_but_does_not_open(page, cast, answered):
    sealed(a_campaign(), 3)
    page.sign_in_as(cast.director).get("/qa/")
    assert "Open those that keep their client" not in page.text
    page.post("/qa/release", status=403)


def test_the_command_prints_the_same_figures(app, cast, answered):
    from csat.commands import csat

    user = an_account(cast.qa).user_name
    result = app.test_cli_runner().invoke(csat, ["figures", "2026Q3", "--json", "--for", user])
    assert result.exit_code == 0, result.output
    printed = json.loads(result.output)
    assert printed["answers"] == "all" and AuditEntry.get(AuditEntry.action == "live figures read for a colleague")
    assert printed["figures"]["satisfaction"]["n"] == 20
    assert printed["figures"]["satisfaction/client/2"]["hidden"]
    assert printed["waiting"] == {"pending": 0, "doubted": 0, "sealed": 0, "all": 0}
    assert printed["praise"] == {"total": 0, "departments": []}
    table = app.test_cli_runner().invoke(csat, ["figures", "2026Q3"])
    assert "satisfaction " in table.output
    for wrong, status in (["figures", "2026Q7"], 2), (["figures", "2026Q3", "--report", "CSAT-2026Q3-9"], 1):
        assert app.test_cli_runner().invoke(csat, wrong).exit_code == status
    assert app.test_cli_runner().invoke(csat, ["figures", "rebuild"]).output.startswith("The tally counts 20")


def test_a_command_that_is_for_nobody_counts_named_answers_alone(app, cast, answered):
    """Whoever may use the server need not be one who may read single responses (F4)."""
    from csat.commands import csat

    printed = json.loads(app.test_cli_runner().invoke(csat, ["figures", "2026Q3", "--json"]).output)
    named = Response.select().where(~Response.anonymous, Response.quarter == 20263).count()
    assert printed["answers"] == "named" and printed["figures"]["satisfaction"]["n"] == named < 20
    manager = an_account(cast.manager).user_name
    for user, said in ((manager, "may not read single responses"), ("nobody", "no open account")):
        refused = app.test_cli_runner().invoke(csat, ["figures", "2026Q3", "--for", user])
        assert refused.exit_code == 1 and said in refused.output


def test_a_target_between_two_percentages_is_told_as_it_is(page, cast, answered):
    commitment = commitments.get_commitment(commitments.SATISFACTION_CODE)
    day = date(2026, 7, 1)
    commitments.set_target(commitment, day, 92.5, cast.qa, NOW, day, aware=True)
    page.sign_in_as(cast.qa).get("/qa/?quarter=2026Q3")
    assert "92.5%" in page.text and "92%" not in page.text


def test_one_response_is_never_called_clearly_below():
    one = Rate("satisfaction/client/1", 0.0, 1, *statistics.wilson_interval(0.0, 1), good=0, of=1)
    three = Rate("satisfaction/client/1", 0.0, 3, *statistics.wilson_interval(0.0, 3), good=0, of=3)
    assert not overview_charts.is_below(one, 0.9) and overview_charts.is_below(three, 0.9)
