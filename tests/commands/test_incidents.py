"""The command that imports incidents from a log."""

from __future__ import annotations

from csat.config import PROJECT_ROOT
from csat.models.clients import Incident
from csat.models.records import AuditEntry

HEAD = "number,location,caller_id,assignment_group,assigned_to,resolved_by,opened_at,resolved_at,closed_at,"
OPENED = "Location 1,Caller 1,Group 1,?,Resolved by 1,01-09-2026 09:00"
LOG = f"""{HEAD}priority,category,contact_type,incident_state
INC1,{OPENED},01-09-2026 10:00,02-09-2026 10:00,2 - High,?,Phone,New
INC1,{OPENED},01-09-2026 10:00,02-09-2026 10:00,2 - High,?,Phone,Closed
INC2,{OPENED},?,02-09-2026 10:00,4 - Low,?,Phone,Active
"""


def import_(run, folder, text):
    log = folder / "log.csv"
    log.write_text(text, "utf-8")
    return run("incidents", "import", log, "--map", PROJECT_ROOT / "docs/examples/incident_log.toml")


def test_a_log_is_imported_and_again_changes_nothing(run, tmp_path):
    done = import_(run, tmp_path, LOG)
    assert done.exit_code == 0, done.output
    assert "2 new, 0 changed, 0 same; 0 bad rows" in done.output
    first, second = Incident.select().order_by(Incident.number)
    assert first.quarter == 20263 and first.major
    assert second.closed_at is None  # its state is not a closed one
    before = AuditEntry.select().count()
    assert "0 new, 0 changed, 2 same" in import_(run, tmp_path, LOG).output
    assert AuditEntry.select().count() == before
    assert AuditEntry.select().order_by(AuditEntry.id.desc()).get().actor.startswith("command:")


def test_bad_rows_are_named_the_good_ones_imported_and_the_exit_says_so(run, tmp_path):
    done = import_(run, tmp_path, LOG.replace("INC2", "?") + "INC3,too few\n")
    assert done.exit_code == 1
    assert "1 new" in done.stdout
    assert done.stderr.splitlines() == [
        "line 4: number: Please fill this in.",
        "line 5: The row has 2 cells; the heading has 13.",
    ]


def test_a_wrong_map_is_one_clear_line(run, tmp_path):
    wrong, log = tmp_path / "map.toml", tmp_path / "log.csv"
    wrong.write_text("source = 'x'\n", "utf-8")
    log.write_text(LOG, "utf-8")
    done = run("incidents", "import", log, "--map", wrong)
    assert (done.exit_code, done.stderr) == (1, "[columns] is missing: it says where each field stands.\n")
    assert run("incidents", "import", log, "--map", tmp_path / "none.toml").exit_code == 2
