"""A quarter leaves the archive in parts; each is kept for some days, and its place in the chain for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat.models.answers import Answer, Response
from csat.models.archive import Bundle
from csat.models.records import AuditEntry
from csat.models.work import Job, StoredFile
from csat.procedure.archive import bundles
from csat.procedure.archive.bundles import BundleGone, NothingToExport
from csat.procedure.core import guards
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotFound, NotPermitted, OutOfOrder
from csat.procedure.core.uploads import forget_files
from csat.procedure.questionnaires.answers import GivenAnswer
from csat.procedure.review import corrections, verdicts
from csat.procedure.upkeep import retention
from tests.builders import NOW, a_client, a_contact, a_response
from tests.procedure.review.test_corrections import a_record, propose

Q3 = Quarter(2026, 3)
DAY = timedelta(days=1)


def a_bundle(cast, manifest: str = "a" * 64, previous: Bundle | None = None, at=NOW, **more) -> Bundle:
    details = {"quarter": 20263, "part": 1, "parts": 1, "language": "zh", "responses": 1, "after": -1}
    made = Bundle(**{**details, "until": guards.LARGEST_KEY, "manifest": manifest, "previous": previous, **more})
    kept = {"name": "a.zip", "media_type": "application/zip", "size": 1, "sha256": "b" * 64, "stored_at": at}
    stored = StoredFile(place=manifest[:32], **kept)
    return bundles.record_bundle(made, stored, cast.improvement, at)


def test_each_response_is_in_exactly_one_part(db):
    keys = {a_response(quarter=20263).id for _ in range(11)}
    a_response(quarter=20262)
    parts = bundles.split_quarter(Q3, most=4)
    assert [(part.number, part.of) for part in parts] == [(1, 3), (2, 3), (3, 3)]
    found = [key for part in parts for *_, some in bundles.group_responses(Q3, part.after, part.until) for key in some]
    assert sorted(found) == sorted(keys)
    later = a_response(quarter=20263).id  # comes while the first part is being written
    assert not {part.until for part in parts} & {*keys, later}  # a border tells of no response
    assert sum(part.after < later <= part.until for part in parts) == 1


def test_a_part_holds_its_responses_by_form_and_version_in_a_fixed_order(db):
    for form in ("incident", "company", "incident"):
        a_response(form)
    (part,) = bundles.split_quarter(Q3)
    groups = bundles.group_responses(Q3, part.after, part.until)
    assert [(code, number, len(keys)) for code, number, keys in groups] == [("company", 1, 1), ("incident", 1, 2)]
    assert all(keys == sorted(keys) for *_, keys in groups)


def test_a_quarter_with_responses_is_asked_for_by_the_group_alone_and_on_record(cast):
    with pytest.raises(NothingToExport):
        bundles.queue_bundles(Q3, "zh", cast.improvement, NOW)
    a_response()
    for person in (cast.qa, cast.director, cast.admin, cast.desk):
        with pytest.raises(NotPermitted):
            bundles.queue_bundles(Q3, "zh", person, NOW)
    assert not Job.select().exists()
    (job,) = bundles.queue_bundles(Q3, "en", cast.improvement, NOW)
    assert job.arguments["quarter"] == 20263 and job.arguments["language"] == "en"
    assert [bundles.list_bundles_in_progress(one) for one in (cast.improvement, cast.qa)] == [[job], []]
    assert AuditEntry.select().where(AuditEntry.action == "archive bundles asked for").count() == 1


def test_a_bundle_names_the_one_before_it_or_is_refused(cast):
    a_response()
    first = a_bundle(cast)
    with pytest.raises(OutOfOrder):
        a_bundle(cast, "c" * 64, previous=None)
    assert StoredFile.select().count() == 1
    second = a_bundle(cast, "d" * 64, previous=first)
    assert bundles.find_last_bundle() == second and bundles.is_manifest_recorded("d" * 64)
    assert not bundles.is_manifest_recorded("c" * 64)


def test_a_download_is_the_groups_alone_and_on_record(cast):
    a_response()
    made = a_bundle(cast)
    assert bundles.download_bundle(cast.improvement, made.id, NOW).name == "a.zip"
    assert AuditEntry.select().where(AuditEntry.action == "archive bundle downloaded").count() == 1
    with pytest.raises(NotPermitted):
        bundles.download_bundle(cast.qa, made.id, NOW)
    with pytest.raises(NotFound):
        bundles.download_bundle(cast.improvement, made.id + 1, NOW)


def test_after_its_days_only_its_place_in_the_chain_stays(cast):
    a_response()
    made = a_bundle(cast)
    assert bundles.list_expired_files(NOW + bundles.BUNDLE_LASTS) == []
    assert forget_files(bundles.list_expired_files(NOW + bundles.BUNDLE_LASTS + DAY)) == ["a" * 32]
    assert not StoredFile.select().exists() and Bundle.get().manifest == made.manifest
    with pytest.raises(BundleGone):
        bundles.download_bundle(cast.improvement, made.id, NOW)


def test_an_erasure_ends_a_bundle_that_holds_the_person_at_once(cast):
    contact = a_contact(a_client())
    a_response(contact=contact, respondent_name="王女士")
    made = a_bundle(cast)
    other = a_bundle(cast, "e" * 64, previous=made, quarter=20262)
    retention.erase_contact(contact, cast.admin, NOW + DAY)
    with pytest.raises(BundleGone):
        bundles.download_bundle(cast.improvement, made.id, NOW + DAY)
    assert bundles.download_bundle(cast.improvement, other.id, NOW + DAY)
    assert [one.place for one in bundles.list_expired_files(NOW + DAY)] == ["a" * 32]


# --- what a bundle says and the store says -------------------------------------------------------------


def test_what_was_changed_behind_our_backs_is_found(cast):
    kept, changed, gone = (a_response(opinions=f"意见{at}") for at in range(3))
    said = bundles.compute_digests([kept.id, changed.id, gone.id])
    Answer.update(value=1).where(Answer.response == changed.id, Answer.value == 5).execute()
    Answer.delete().where(Answer.response == gone.id).execute()
    Response.delete().where(Response.id == gone.id).execute()
    assert bundles.find_altered(said, NOW) == ([changed.id, gone.id], [])


def test_a_correction_of_two_persons_explains_a_change(cast):
    response = a_record(cast)
    said = bundles.compute_digests([response.id])
    made = propose(response, cast.qa, overall=GivenAnswer(2))
    assert bundles.find_altered(said, NOW) == ([], [])
    corrections.confirm_correction(made, cast.qa2, NOW + DAY)
    assert bundles.find_altered(said, NOW) == ([], [response.id])
    assert bundles.find_altered(said, NOW + 2 * DAY) == ([response.id], [])  # it was made before that bundle


def test_a_lawful_erasure_explains_a_change_and_a_verdict_is_none(cast):
    contact = a_contact(a_client())
    response = a_response(contact=contact, respondent_name="王女士", opinions="王女士很急")
    said = bundles.compute_digests([response.id])
    verdicts.accept_response(response, cast.qa, NOW)
    assert bundles.find_altered(said, NOW) == ([], [])
    retention.erase_contact(contact, cast.admin, NOW + DAY)
    assert bundles.find_altered(said, NOW) == ([], [response.id])


def test_a_seal_of_another_history_does_not_fit(cast):
    entry, seal = bundles.find_last_seal()
    assert entry > 0 and bundles.has_seal(entry, seal)  # of what was loaded at the start
    assert not bundles.has_seal(entry, "0" * 64) and not bundles.has_seal(entry + 1, seal)
