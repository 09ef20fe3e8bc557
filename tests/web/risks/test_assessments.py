"""The pages of the service risks: the matrix, a department's sheet, QA's review (K1, K2)."""

from __future__ import annotations

from io import BytesIO

from csat.models.feedback import Severity
from csat.models.risks import Assessment, PointDuty, PreventionPoint, Standing
from csat.models.roles import Role
from csat.procedure.core.quarter import Quarter
from csat.procedure.risks import assessments, points
from tests.builders import NOW, a_client, a_department, a_person
from tests.feedback_builders import a_feedback, of_type
from tests.files import PDF

Q2, Q3 = Quarter(2026, 2), Quarter(2026, 3)


def two_points(cast):
    """Two points of the first domain, which the department assesses."""
    first, second = points.points_of(points.get_domain("process"))[:2]
    for point in (first, second):
        PointDuty.create(point=point, department=cast.department)
    return first, second


def an_assessed_point(cast, zone):
    """A point that the department calls in place for the quarter before."""
    point, _ = two_points(cast)
    said = {point.id: assessments.AssessmentDraft(Standing.IN_PLACE, "有", "")}
    assessments.assess_points(cast.department, Q2, said, cast.owner, NOW, zone)
    return point


def choose(point, standing, evidence):
    return {f"standing-{point.id}": standing, f"evidence-{point.id}": evidence, f"next_step-{point.id}": ""}


def test_an_empty_matrix_says_what_to_do_first(page, cast):
    page.sign_in_as(cast.qa).get("/risks/")
    assert "No department has prevention points to assess yet." in page.text
    page.follow("Data security").follow("Who assesses what")
    point = points.points_of(points.get_domain("data"))[0]
    page.fill("Save", duty=[f"{point.id}:{cast.department.id}"])
    assert "The departments find the points on their sheets." in page.text
    assert PointDuty.get().department == cast.department


def test_a_domain_counts_its_feedback_type_by_type_with_the_way_to_it(page, cast):
    about = {"title": "迟了", "issue_type": of_type("schedule"), "client": a_client()}
    first = a_feedback(cast, Severity.MAJOR, **about)
    a_feedback(cast, Severity.MINOR, **about)
    a_feedback(cast, Severity.MAJOR, **about, linked_to=first)
    page.sign_in_as(cast.qa).get("/risks/process?quarter=2026Q3")
    rows = {row[0]: row[1:] for row in page.rows()}
    assert rows["Schedule"] == ["0", "1", "1", "0", "2"] and rows["Documents"] == ["0", "0", "0", "0", "0"]
    links = [link for link in page.links() if "type=" in link and "once=1" in link]
    shown = {link: sum("迟了" in " ".join(row) for row in page.get(link).rows()) for link in links}
    assert sorted(number for number in shown.values() if number) == [1, 1, 2]


def test_a_department_fills_its_sheet_and_qa_accepts(page, cast):
    first, second = two_points(cast)
    page.sign_in_as(cast.owner).get("/risks/").follow("Assess: Infrastructure")
    page.fill("Save what is chosen", **choose(first, "in_place", "有清单"))
    assert "1 assessment is saved." in page.text
    page.sign_in_as(cast.qa).get("/risks/review").fill("Accept the ticked ones", assessment=[str(Assessment.get().id)])
    assert "1 assessment is accepted." in page.text and "Nothing waits for review." in page.text
    assert Assessment.get().reviewed_by == cast.qa


def test_what_is_missing_is_said_beside_it_and_nothing_typed_is_lost(page, cast):
    first, second = two_points(cast)
    page.sign_in_as(cast.owner).get(f"/risks/sheet/{cast.department.id}")
    fields = choose(first, "partly", "一半") | choose(second, "in_place", "有记录")
    page.fill("Save what is chosen", 422, **fields)
    assert "Please say what will be done next." in page.text
    assert "一半" in page.html and "有记录" in page.html and Assessment.select().count() == 0


def test_words_without_a_choice_ask_for_the_choice(page, cast):
    first, _ = two_points(cast)
    page.sign_in_as(cast.owner).get(f"/risks/sheet/{cast.department.id}")
    page.fill("Save what is chosen", 422, **{f"evidence-{first.id}": "已有清单"})
    assert "Please choose one of the three." in page.text and "已有清单" in page.html


def test_a_returned_assessment_comes_back_with_its_reason(page, cast, zone):
    point = an_assessed_point(cast, zone)
    page.sign_in_as(cast.qa).get("/risks/review").follow(point.text["en"])
    page.fill("Return to the department", reason="请附检查记录")
    assert "Returned." in page.text
    page.sign_in_as(cast.owner).get("/risks/").get(f"/risks/sheet/{cast.department.id}")
    assert "请附检查记录" in page.text


def test_a_point_is_reworded_in_both_languages(page, cast):
    point = points.points_of(points.get_domain("staff"))[0]
    page.sign_in_as(cast.qa).get(f"/risks/staff/{point.code}").fill("Save", en="Everybody is trained.")
    assert "Everybody is trained." in page.text
    assert PreventionPoint.get_by_id(point.id).text["en"] == "Everybody is trained."


def test_a_department_attaches_a_file_until_qa_has_spoken(page, cast, zone):
    point = an_assessed_point(cast, zone)
    one = Assessment.get()
    page.sign_in_as(cast.owner).get(f"/risks/assessments/{one.id}")
    page.fill("Add the files", 422, files=None)
    assert "Please fill this in." in page.text
    page.fill("Add the files", files=[(BytesIO(PDF), "清单.pdf")])
    assert "清单.pdf" in page.text
    page.sign_in_as(cast.qa).get("/risks/review").follow(point.text["en"])
    assert "清单.pdf" in page.text
    assessments.accept_assessments([one], cast.qa, NOW)
    page.sign_in_as(cast.owner).get(f"/risks/assessments/{one.id}")
    assert "Add the files" not in page.text


def test_another_department_does_not_open_an_assessment(page, cast, zone):
    an_assessed_point(cast, zone)
    other = a_person("外人", Role.DEPARTMENT, department=a_department("应用部", "Applications"))
    page.sign_in_as(other).get(f"/risks/assessments/{Assessment.get().id}", 404)
