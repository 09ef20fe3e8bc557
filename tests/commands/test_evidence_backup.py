"""Evidence is in every back-up, withdrawn or not, and comes back with its bytes (D6)."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from csat.adapters import backup as adapter
from csat.adapters import files
from csat.models.evidence import Evidence
from csat.procedure.feedback import evidence
from csat.procedure.people import attachments
from csat.procedure.people.attachments import FileToAttach
from tests.builders import NOW
from tests.cast import a_cast
from tests.commands.test_backup import reopened, run
from tests.feedback_builders import TODAY, assigned
from tests.files import PDF, a_png


def kept(config, content: bytes, name: str) -> FileToAttach:
    digest = hashlib.sha256(content).hexdigest()
    return FileToAttach(files.keep_file(config.files, content), name, "application/pdf", len(content), digest)


def test_evidence_survives_the_loss_of_the_machine(db, config, tmp_path):
    cast = a_cast()
    found = assigned(cast)
    both = [kept(config, PDF, "分析.pdf"), kept(config, a_png(), "现场.png")]
    evidence.attach_files(found, None, "", cast.owner, NOW, both)
    withdrawn = Evidence.get()
    attachments.withdraw_attachment(cast.owner, withdrawn.id, "附错了", TODAY, NOW)
    file = tmp_path / "a.backup"
    assert run(config, "backup", str(file)).exit_code == 0
    parts = adapter.read_backup(file, adapter.load_key(config.keys))["parts"]
    assert {f"files/{one.place[:2]}/{one.place}" for one in both} <= set(parts)

    other = tmp_path / "other"
    there = replace(
        config, instance=other, database=f"sqlite:///{other / 'csat.sqlite'}", files=other / "files"
    )
    assert run(there, "restore", str(file)).exit_code == 0
    reopened(there)
    for one in Evidence.select():
        content = files.read_file(there.files, one.file.place)
        assert hashlib.sha256(content).hexdigest() == one.file.sha256 and len(content) == one.file.size
    assert Evidence.get_by_id(withdrawn.id).withdrawn_because == "附错了"
