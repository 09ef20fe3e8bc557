"""The command that writes a quarter's report to a file, and the works that render reports for the pages."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import click

from csat import clock
from csat.adapters import files
from csat.commands.arguments import FOR_OPTION, QuarterType, find_reading_audience
from csat.commands.group import csat
from csat.commands.kept_files import keep_or_delete_files
from csat.commands.opening import open_system
from csat.config import LOCALES, Config, load_config
from csat.documents.report import drafting, release, render
from csat.figures.audience import Audience
from csat.models.base import Json
from csat.models.people import Person
from csat.models.reporting import Report, ReportState
from csat.models.work import StoredFile
from csat.procedure.core import audit, jobs
from csat.procedure.core.documents import find_files
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import OutOfOrder, Refusal
from csat.procedure.reports import distribution, issuing, reports
from csat.words import N_


@csat.group("report")
def report_group() -> None:
    """The quarterly report."""


@report_group.command("make")
@click.argument("quarter", type=QuarterType())
@click.option("--lang", "language", type=click.Choice(LOCALES), required=True, help="Language of the report.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File to write.")
@FOR_OPTION
def write_report(quarter: Quarter, language: str, out: Path, user: str | None) -> None:
    """Write the report of QUARTER (2026Q3): the kept file once issued, until then a draft of named answers alone."""
    config = open_system()
    now = clock.now()
    kept = reports.find_latest(quarter)
    if kept is not None and kept.state == ReportState.ISSUED:
        content = files.read_file(config.files, find_files(kept)[language].place)
        audit.record(audit.name_command_user(), "report exported", kept, now, language=language)
    else:
        audience = find_reading_audience(user, f"quarter:{quarter}", now)
        document = _choose_draft(kept, quarter, audience, config, now)
        content = render.render_pdf(document, language, watermark=True)
        audit.record(audit.name_command_user(), "report draft exported", f"quarter:{quarter}", now, language=language)
    try:
        out.write_bytes(content)
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}.") from error
    click.echo(f"{out}: {len(content)} bytes, SHA-256 {hashlib.sha256(content).hexdigest()}")


def _choose_draft(kept: Report | None, quarter: Quarter, audience: Audience, config: Config, now: datetime) -> Json:
    """The open draft, for whoever may read single responses; for others one of named answers alone (F4)."""
    if kept is not None and not audience.hides_anonymous:
        return kept.document
    return drafting.draft_document(quarter, None, now, config.timezone, audience)


class ReportDiffers(Refusal):
    sentence = N_("%(number)s differs from what is kept: %(languages)s.")


class ReportNotIssued(Refusal):
    sentence = N_("There is no issued report %(number)s.")


@report_group.command("verify")
@click.argument("number")
def verify_report(number: str) -> None:
    """Make the issued report NUMBER (CSAT-2026Q3-1) again from its stored input, and compare (R1)."""
    config = open_system()
    # By comparing, since a number is composed of quarter and version, and people mistype it.
    rows = Report.select().where(Report.state == ReportState.ISSUED)
    issued = next((one for one in rows if one.number == number), None)
    if issued is None:
        raise ReportNotIssued(number=number)
    releases, differ = distribution.find_releases(issued), []
    for language, kept in sorted(find_files(issued).items()):
        same, told = _compare_file(config, issued, language, kept, releases[language])
        differ += [] if same else [language]
        click.echo(f"{language}  {told}  SHA-256 {kept.sha256}")
    audit.record(audit.name_command_user(), "report verified", issued, clock.now(), same=not differ)
    if differ:
        raise ReportDiffers(number=number, languages=", ".join(differ))


def _compare_file(config: Config, issued: Report, language: str, kept: StoredFile, made_by: str) -> tuple[bool, str]:
    """Whether a kept file is what was issued, and what the same release makes of the input again."""
    if hashlib.sha256(files.read_file(config.files, kept.place)).hexdigest() != kept.sha256:
        return False, "the kept file CHANGED"
    if made_by != release.fingerprint_release():
        return True, "kept as issued; made by another release, so not made again"
    again = hashlib.sha256(render.render_pdf(issued.document, language, watermark=False)).hexdigest()
    same = again == kept.sha256
    return same, "kept as issued, and the same again" if same else f"made again it DIFFERS: {again}"


@jobs.register_job("issue_report")
def issue_report(arguments: Mapping[str, object], progress: jobs.JobProgress) -> dict[str, object]:
    """Render an approved report in both languages, keep the files, and issue it."""
    config, by = load_config(), Person.get_by_id(arguments["by"])
    approved, now = Report.get_by_id(arguments["report"]), clock.now()
    document = issuing.freeze_document(approved, now)
    with keep_or_delete_files(config.files) as keeper:
        made, steps = {}, len(LOCALES) + 1
        for done, language in enumerate(LOCALES):
            progress.reached(done, steps)
            content = render.render_pdf(document, language, watermark=False)
            made[language] = keeper.keep_pdf(content, f"{approved.number}-{language}.pdf", by, now)
        progress.reached(len(LOCALES), steps)
        issuing.issue_report(approved, document, made, by, now, release.fingerprint_release())
    progress.reached(steps, steps)
    return {"report": approved.id}


@jobs.register_job("draft_report")
def draft_report(arguments: Json, progress: jobs.JobProgress) -> dict[str, object]:
    """Render a draft in one language, with a watermark, for whoever asked."""
    config, by = load_config(), Person.get_by_id(arguments["by"])
    unfinished, language = reports.report_for(by, arguments["report"]), arguments["language"]
    if unfinished.state == ReportState.ISSUED:  # meanwhile; its kept file is the only one
        raise OutOfOrder
    content = render.render_pdf(unfinished.document, language, watermark=True)
    with keep_or_delete_files(config.files) as keeper:
        file = keeper.keep_pdf(content, f"{unfinished.number}-draft-{language}.pdf", by, clock.now())
        files.delete_files(config.files, issuing.replace_draft_file(file, by))
    return {"report": unfinished.id, "file": file.id}
