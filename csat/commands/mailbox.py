"""Commands about anonymous answers: release them, keep their keys, attack them."""

from __future__ import annotations

import os
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click

from csat import clock, database
from csat.adapters import backup, sealing
from csat.adapters import keys as key_files
from csat.commands.forensics import AnonymityDrill, DrillOutcome
from csat.commands.group import csat
from csat.commands.opening import open_copy, open_system
from csat.config import load_config
from csat.models.asking import Campaign
from csat.procedure.core import audit, jobs, settings
from csat.procedure.core.refusals import Refusal
from csat.procedure.survey import mailbox
from csat.words import N_


class LogNotEmptied(Refusal):
    sentence = N_(
        "The answers are opened and stored, but somebody kept the store busy, so that its log could not be "
        "emptied. Release again when it is quiet; the daily round tries it too."
    )


@csat.command()
@click.option("--give-up-lost", is_flag=True, help="Count answers whose key is lost as void.")
@click.option(
    "--patient",
    is_flag=True,
    help="Of campaigns that are open, open only what keeps its client; the rest waits for more company.",
)
def release(give_up_lost: bool, patient: bool) -> None:
    """Open the anonymous answers that have enough company, of all campaigns.

    Answers with too few colleagues lose their client for good; with --patient, as in the daily round, they
    wait until their campaign closes.
    """
    config = open_system()
    now, by, missing = clock.now(), audit.name_command_user(), None
    done = mailbox.void_lost_answers(partial(sealing.is_key_kept, config.keys), now, by) if give_up_lost else []
    try:
        unseal = make_unsealer(config.keys)
        done += refuse_unscrubbed(lambda: mailbox.release_due_campaigns(now, unseal, by, patient=patient))
    except mailbox.KeyMissing as refusal:
        done, missing = [*done, *refusal.opened], refusal
    for one in done:
        click.echo(f"campaign {one.campaign_id}: {one.number} opened, {one.without_client} without client, "
                   f"{one.void} void")  # fmt: skip
    if missing is not None:
        raise missing
    if not done:
        click.echo("Nothing to open: what waits has too little company, and stays sealed.")


@csat.group()
def keys() -> None:
    """The private keys of campaigns."""


@keys.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--lasting", is_flag=True, help="The keys of back-ups, history and second factors instead: restores need them."
)
def export(file: Path, lasting: bool) -> None:
    """Write all campaigns' private keys to a new FILE (tar): keep it apart from the back-ups."""
    config = open_system()
    kept = _list_lasting_keys(config.keys) if lasting else sealing.list_kept_keys(config.keys)
    try:
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise click.ClickException(f"{file} exists already.") from None
    with os.fdopen(handle, "wb") as target, tarfile.open(fileobj=target, mode="w") as archive:
        for key in kept:
            archive.add(key, key.name)
    audit.record(audit.name_command_user(), "keys exported", "keys", clock.now(), number=len(kept))
    if lasting:
        click.echo(f"{len(kept)} keys in {file}. Whoever has it can read back-ups, but nothing that is sealed.")
    else:
        click.echo(f"{len(kept)} keys in {file}. Whoever has it and the store can read what is still sealed.")


def _list_lasting_keys(folder: Path) -> list[Path]:
    # They outlive every campaign: the keys of the back-ups, of the history and of
    # the second factors. Made now if they are not there yet.
    backup.load_or_create_key(folder)
    key_files.load_audit_key(folder)
    key_files.load_factor_key(folder)
    return [backup.locate_key(folder), folder / "audit_key", folder / "factor_key"]


@csat.group()
def anonymity() -> None:
    """Proof of the promise made above every form."""


@anonymity.command()
@click.option("--people", default=200, show_default=True, help="About how many answers to attack.")
def attack(people: int) -> None:
    """Play the forensic attacker on a copy of the store; print how often he is right beside 1/k."""
    open_system()
    if not database.is_sqlite():
        raise click.ClickException("The attacker reads SQLite files; this store is on another engine.")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "csat.sqlite"
        database.copy_store(copy)
        open_copy(copy)
        k = settings.get_whole_number("anonymous_least")
        outcome = AnonymityDrill(Path(folder) / "keys", clock.now(), k).play(people)
        database.close_store()
    _print_outcome(outcome)
    sys.exit(0 if is_promise_kept(outcome) else 1)


def _print_outcome(outcome: DrillOutcome) -> None:
    width, fair = max(map(len, outcome.scores)), 1 / outcome.k
    click.echo(f"{'method':{width}}  right of guesses   rate   1/k")
    for score in outcome.scores.values():
        rate = score.hits / score.guesses if score.guesses else 0.0
        click.echo(f"{score.method:{width}}  {score.hits:5} of {score.guesses:7}  {rate:5.3f} {fair:5.3f}")
    click.echo(f"fewest people behind answers that look alike: {outcome.smallest} (k = {outcome.k})")
    click.echo(f"largest part of them that one person wrote: {outcome.heaviest:.3f} (1/k = {fair:.3f})")
    click.echo(f"answers readable in store or log before their release: {outcome.readable_before}")
    click.echo(f"releases after which the log was not empty: {outcome.full_logs}")
    click.echo(f"answers still sealed for want of company: {outcome.sealed_still}")
    click.echo("Not withstood: whoever controls the running server, and k people who all answer alike.")


def is_promise_kept(outcome: DrillOutcome) -> bool:
    """Whether the promise held: by certain facts, not by the luck of the guesses."""
    hidden = (outcome.smallest is None or outcome.smallest >= outcome.k) and outcome.heaviest <= 1 / outcome.k
    return hidden and not outcome.readable_before and not outcome.full_logs


def make_unsealer(folder: Path) -> mailbox.Unseal:
    """What opens sealed answers with the keys in a folder."""
    return partial(sealing.open_sealed, folder)


def refuse_unscrubbed(verb: Any) -> Any:
    """Call a release; say in one line what kept it from ending well."""
    try:
        return verb()
    except database.ScrubIncomplete as busy:
        raise LogNotEmptied from busy


@jobs.register_job("release")
def release_as_job(arguments: Mapping[str, object], progress: jobs.JobProgress) -> dict[str, object]:
    """The release of one campaign ({"campaign": key}), or of all, patient or not ({"patient": true}), as a job."""
    unseal, by, key = make_unsealer(load_config().keys), progress.job.asked_by, arguments.get("campaign")
    if key is None:
        patient = bool(arguments.get("patient"))
        done = refuse_unscrubbed(lambda: mailbox.release_due_campaigns(clock.now(), unseal, by, patient=patient))
    else:
        one = refuse_unscrubbed(lambda: mailbox.release_answers(Campaign.get_by_id(key), unseal, clock.now(), by))
        done = [] if one is None else [one]
    return {
        "opened": sum(one.number for one in done),
        "without_client": sum(one.without_client for one in done),
        "void": sum(one.void for one in done),
        "releases": [one.id for one in done],
    }
