"""What 0016 adds: versions say from when they are used, drafts and papers have their tables; nothing is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playhouse.migrate import SqliteMigrator, migrate
from playhouse.migrations import Runner

from csat import database
from csat.models.answers import Response
from csat.models.paper import PaperComparison, PaperEntry
from csat.models.questionnaires import PreviewLink, QuestionnaireDraft, QuestionnaireReview, QuestionnaireVersion
from tests.builders import NOW, a_response

TABLES = (PreviewLink, QuestionnaireDraft, QuestionnaireReview, PaperEntry, PaperComparison)


@pytest.fixture
def before(engine_db):
    """A store as it was before, with two published versions and an answer in it."""
    answered = a_response()
    older = answered.version
    QuestionnaireVersion.update(published_at=NOW - timedelta(days=90)).where(
        QuestionnaireVersion.id == older.id
    ).execute()
    _back_to_before()
    return answered


def test_versions_are_used_since_they_were_published_and_answers_stay(before):
    database.migrate_store()
    versions = list(QuestionnaireVersion.select())
    assert len(versions) > 1 and all(version.in_force_at == version.published_at for version in versions)
    assert QuestionnaireVersion.get_by_id(before.version_id).in_force_at == NOW - timedelta(days=90)
    assert Response.get_by_id(before.id).version.reason == ""
    assert not any(table.select().exists() for table in TABLES)


def _back_to_before() -> None:
    """The store as the release before left it."""
    store = database.store
    store.drop_tables(TABLES)
    if database.is_sqlite():
        migrator = SqliteMigrator(store.obj)
        store.execute_sql("PRAGMA foreign_keys = 0")
        migrate(*(migrator.drop_column("questionnaire_version", name) for name in ("in_force_at", "reason")))
        store.execute_sql("PRAGMA foreign_keys = 1")
    else:
        for name in ("in_force_at", "reason"):
            store.execute_sql(f"ALTER TABLE questionnaire_version DROP COLUMN {name}")
    history = Runner(store.obj, str(database.MIGRATIONS)).History
    history.delete().where(history.name.startswith("0016")).execute()
