"""The watchman's page says whether we are well."""

from __future__ import annotations

from csat import database


def test_well(app):
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert "Set-Cookie" not in answer.headers


def test_an_old_store_is_not_well(app):
    database.store.execute_sql("DELETE FROM schema_migration")
    answer = app.test_client().get("/healthz")
    assert answer.status_code == 503 and "sqlite" not in answer.text
