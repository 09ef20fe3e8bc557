"""The command that prints a quarter's figures, or makes their tally anew."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import click

from csat import clock
from csat.commands.arguments import FOR_OPTION, QuarterType, find_reading_audience
from csat.commands.group import csat
from csat.commands.opening import open_system
from csat.documents.report.facts import collect_praise
from csat.figures import export
from csat.figures.commitments import measure_commitments
from csat.figures.quarterly import compute_quarter_figures
from csat.procedure.core import audit
from csat.procedure.core.documents import select_issued_reports
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import Refusal
from csat.procedure.review import tally
from csat.words import N_

REBUILD = "rebuild"


class ReportUnknown(Refusal):
    sentence = N_("There is no issued report %(number)s of %(quarter)s.")


class QuarterOrRebuild(QuarterType):
    """A quarter like 2026Q3, or the word 'rebuild' (None)."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return None if value == REBUILD else super().convert(value, param, ctx)


@csat.command()
@click.argument("quarter", type=QuarterOrRebuild(), metavar="QUARTER|rebuild")
@click.option("--json", "as_json", is_flag=True, help="The documented JSON (docs/figures.md).")
@click.option("--report", "number", help="The figures that this issued report froze, like CSAT-2026Q3-1.")
@FOR_OPTION
def figures(quarter: Quarter | None, as_json: bool, number: str | None, user: str | None) -> None:
    """Print the live figures of a quarter like 2026Q3, of named answers alone; 'rebuild' counts the tally anew."""
    config = open_system()
    if quarter is None:
        return _rebuild()
    if number:
        frozen = _frozen(quarter, number)
        whole, promised, praised = frozen["figures"], frozen.get("commitments"), frozen.get("praise")
    else:
        now = clock.now()
        audience = find_reading_audience(user, f"quarter:{quarter}", now)
        counted = compute_quarter_figures(quarter, now, config.timezone, audience)
        whole = export.make_plain_figures(counted)
        promised = [asdict(one) for one in measure_commitments(quarter, now, config.timezone, audience, counted)]
        praised = collect_praise(quarter)
    if as_json:
        praise = praised and {name: praised[name] for name in ("total", "departments")}  # words stand in the report
        told = {**export.build_figures_document(whole, number), "commitments": promised, "praise": praise}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(export.format_figures_table(whole)))


def _rebuild() -> None:
    responses = tally.rebuild_tally()
    audit.record(audit.name_command_user(), "tally rebuilt", "tally", clock.now(), responses=responses)
    click.echo(f"The tally counts {responses} valid responses.")


def _frozen(quarter: Quarter, number: str) -> export.PlainFigures:
    """The document of an issued report; raise ReportUnknown."""
    for report in select_issued_reports(quarter):
        if report.number == number:
            return report.document
    raise ReportUnknown(number=number, quarter=str(quarter))
