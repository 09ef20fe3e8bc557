from datetime import timedelta
import pytest
from csat.documents import letter as documents, letter_proposal
from csat.models.answers import *
from csat.procedure import letters, letter_material
from csat.procedure.quarter import Quarter
from tests.builders import NOW, a_client
from tests.cast import a_cast
from tests.letters import *

@pytest.fixture
def cast(db): return a_cast()
@pytest.fixture
def client(cast): return a_client(manager=cast.manager)

def test_version(cast, client):
    answers(client, 5, 5, 5)
    first = a_sent_letter(cast, client)
    assert first.facts["figure"]["n"] == 3
    answers(client, 1)
    report = an_issued_report(cast, NOW + timedelta(days=1), "one more")
    facts = letter_proposal.facts_of(client, report)
    assert facts["figure"] is None

def test_few_commit(cast, client):
    answers(client, 1)
    l = a_proposal(cast, client)
    assert [one["value"] for one in l.facts["missed"] if one["code"] == "satisfaction"] == [None]

def test_linked(cast, client):
    (somebody,) = answers(client, 1, anonymous=True)
    top = a_feedback(client, "夜里没人接电话", cast, sources=[somebody])
    named = a_feedback(client, "夜间响应要改", cast)
    Feedback.update(linked_to=top).where(Feedback.id == named.id).execute()
    told = letter_material.material(client, Q3, ZONE)
    assert told.matters == ()
