"""What `make types` finds: a column misspelt, and what each table declares of what Peewee adds to it."""

from __future__ import annotations

from inspect import get_annotations

import pytest
from mypy import api
from peewee import ForeignKeyField

from csat import models
from csat.config import PROJECT_ROOT
from csat.models.base import Table

MISSPELT = """
from csat.models.feedback import Feedback

def show(title: str) -> None: ...

feedback = Feedback.get_by_id(1)
feedback.no_such_field
show(feedback.titel)
show(feedback.closed_at)
Feedback.create(titel="x")
Feedback(titel="x")
Feedback.update(titel="x")
Feedback.create(title=None)
Feedback.update(passed_on=Feedback.passed_on + 1, client=2, department=None)
"""


def test_mypy_knows_the_columns_of_a_table(tmp_path):
    (tmp_path / "misspelt.py").write_text(MISSPELT)
    found, _, _ = api.run(["--config-file", str(PROJECT_ROOT / "setup.cfg"), str(tmp_path / "misspelt.py")])
    errors = [line for line in found.splitlines() if "misspelt.py" in line and " error: " in line]
    assert [line.rpartition("  ")[2] for line in errors] == [
        "[attr-defined]",
        "[attr-defined]",
        "[arg-type]",
        "[call-arg]",
        "[call-arg]",
        "[call-arg]",
        "[arg-type]",
    ], found


@pytest.mark.parametrize("table", models.all_tables(), ids=lambda table: table.__name__)
def test_tables_declare_what_peewee_adds(table: type[Table]):
    """`client_id: int | None` where `client` may be empty; a back reference by its own class."""
    added = {
        field.object_id_name: "int | None" if field.null else "int"
        for field in table._meta.sorted_fields
        if isinstance(field, ForeignKeyField)
    }
    added |= {field.backref: f"ModelSelect[{field.model.__name__}]" for field in table._meta.backrefs}
    columns = table._meta.fields
    declared = {name: kind for name, kind in get_annotations(table).items() if name not in columns}
    assert declared.items() <= added.items()
