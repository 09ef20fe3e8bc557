"""The archive's bundles: the work that makes them, and the command that checks one (P11)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from peewee import chunked

from csat import clock
from csat.adapters import bundles as adapter
from csat.adapters.bundles import CheckedBundle
from csat.commands.group import csat
from csat.commands.kept_files import growing_file, keep_or_delete_files
from csat.commands.opening import open_system
from csat.config import Config, load_config
from csat.documents.filled import bundle as document
from csat.models.archive import Bundle
from csat.models.base import Json
from csat.models.people import Person
from csat.procedure.archive import bundles
from csat.procedure.core import audit, jobs
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotPermitted
from csat.procedure.people.permissions import has_permission

ROWS_AT_ONCE = 500


@csat.group()
def archive() -> None:
    """The archive of all responses."""


@archive.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify_bundle(file: Path) -> None:
    """Check an exported bundle: its files, its place in the history, and whether the store says the same."""
    open_system()
    try:
        checked = adapter.check_bundle(file)
    except adapter.NotABundle as foreign:
        raise click.ClickException(f"{file} is no bundle of the archive.") from foreign
    if checked.wrong:
        raise click.ClickException(f"changed, missing or added: {', '.join(checked.wrong)}")
    refuse_outside_history(checked)
    made_at, unexplained, explained = datetime.fromisoformat(checked.manifest["made_at"]), list[int](), 0
    for rows in chunked(adapter.read_table_rows(file, document.RESPONSES), ROWS_AT_ONCE):
        said = {int(row["response"]): row["sha256"] for row in rows}
        without_reason, with_reason = bundles.find_altered(said, made_at)
        unexplained, explained = unexplained + without_reason, explained + len(with_reason)
    if unexplained:
        keys = ", ".join(str(key) for key in unexplained[:5])  # enough to look into it; the line stays readable
        raise click.ClickException(
            f"{len(unexplained)} responses read otherwise in the store, without a reason on record: {keys}"
        )
    facts = checked.manifest
    click.echo(
        f"The bundle is whole and in the history: {facts['quarter']} {facts['part']}/{facts['parts']}, "
        f"{len(facts['files'])} files, {facts['responses']} responses; "
        f"{explained} corrected or erased since, on record. Manifest {checked.sha256}"
    )


def refuse_outside_history(checked: CheckedBundle) -> None:
    """Say in one line what is wrong between a bundle and the history of this store."""
    broken = audit.find_first_broken_entry()  # first: a broken history proves nothing
    if broken is not None:
        raise click.ClickException(f"the history itself is broken from entry {broken.id} on")
    if not bundles.is_manifest_recorded(checked.sha256):
        raise click.ClickException("the history knows no bundle with this manifest")
    history, previous = checked.manifest["history"], checked.manifest["previous"]
    if not bundles.has_seal(history["entry"], history["seal"]):
        raise click.ClickException("the history has another seal than this bundle says")
    if previous is not None and not bundles.is_manifest_recorded(previous):
        raise click.ClickException("the history does not know the bundle before this one")


@jobs.register_job(bundles.JOB_KIND)
def export_archive_part(arguments: Json, progress: jobs.JobProgress) -> dict[str, object]:
    """Write one part of a quarter's archive to disk, and note it in the history."""
    config, by = load_config(), Person.get_by_id(arguments["by"])
    if not has_permission(by, "archive"):  # the role may be gone since it was asked for
        raise NotPermitted
    part = bundles.BundlePart(arguments["number"], arguments["of"], arguments["after"], arguments["until"])
    quarter = Quarter.from_int(arguments["quarter"])
    order = document.BundleOrder(quarter, part, arguments["language"], config.timezone)
    return {"bundle": make_bundle(config, order, by, progress.reached).id}


def make_bundle(config: Config, order: document.BundleOrder, by: Person, reached: document.PartsDone) -> Bundle:
    """A bundle, written beside the kept files and then kept; nothing stays if it is refused."""
    now, before = clock.now(), bundles.find_last_bundle()
    entry, seal = bundles.find_last_seal()
    chain = {"history": {"entry": entry, "seal": seal}, "previous": before.manifest if before else None}
    part = order.part
    with growing_file(config.files) as place, keep_or_delete_files(config.files) as keeper:
        manifest, responses = document.write_bundle(place, order, chain, now, reached)
        stored = keeper.keep(place, order.name, "application/zip", by, now)
        made = Bundle(quarter=int(order.quarter), part=part.number, parts=part.of, after=part.after, until=part.until)
        made.language, made.responses, made.manifest, made.previous = order.language, responses, manifest, before
        return bundles.record_bundle(made, stored, by, now)
