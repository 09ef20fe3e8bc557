"""Stories about what exports hold: for whom, what is masked or hidden, and in which words."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime

import pytest

from csat.adapters.spreadsheet import Sheet
from csat.documents import tables
from csat.documents.tables import responses
from csat.figures.audience import Audience
from csat.figures.quarterly import compute_quarter_figures
from csat.models.answers import Answer, Verdict
from csat.models.asking import Channel
from csat.models.clients import Client, Tier
from csat.models.feedback import FeedbackOrigin, Severity
from csat.models.questionnaires import Kind
from csat.procedure.archive.exports import ExportKind, ExportRequest, FileFormat
from csat.procedure.core.quarter import Quarter
from csat.procedure.feedback import due_moves, praise
from csat.procedure.feedback.entering import Telling
from csat.procedure.questionnaires.answers import GivenAnswer
from csat.procedure.review import corrections, tally
from tests.builders import NOW, a_client, a_contact, a_department, a_person, a_response, an_incident
from tests.feedback_builders import a_stored_feedback, called_back, due_asked

pytestmark = pytest.mark.usefixtures("engine_db")

Q3 = Quarter(2026, 3)


def wanted(what, by, quarter=Q3, language="en"):
    return ExportRequest(what, quarter, FileFormat.XLSX, language, by)


def lines(sheet: Sheet) -> list[dict]:
    """The rows of a table by their headings."""
    titles = [column.title for column in sheet.columns]
    return [dict(zip(titles, row, strict=True)) for row in sheet.rows]


def book(zone, one: ExportRequest) -> dict[str, list[dict]]:
    """The sheets of a workbook by their names."""
    return {sheet.name: lines(sheet) for sheet in tables.build_workbook(one, NOW, zone).sheets}


def table(zone, one: ExportRequest) -> list[dict]:
    return lines(tables.build_table(one, NOW, zone))


# --- responses ---------------------------------------------------------------------------------------


def by_name(cast, client, **more):
    """A record of a telephone survey, with all that a named response carries."""
    facts = {"contact": a_contact(client, "王女士"), "incident": an_incident("INC7", client)}
    staff = {"manager": cast.manager, "engineer": cast.engineer, "recorder": cast.desk}
    person = {"respondent_name": "王女士", "respondent_reach": "13812345678"}
    department, channel = cast.department, Channel.TELEPHONE
    more = {**facts, **staff, **person, **more}
    return a_response(client=client, department=department, channel=channel, **more)


def test_a_named_response_has_everything_and_its_person_masked(cast, client, zone):
    told = "请打 13900001111 找王女士，或者 wang@client.example"
    response = by_name(cast, client, opinions=told, verdict=Verdict.VALID)
    (row,) = book(zone, wanted(ExportKind.RESPONSES, cast.qa))["Incident satisfaction survey"]
    assert row["Response"] == str(response.id) and row["Verdict"] == "Valid" and row["Quarter"] == "2026Q3"
    assert (row["Client"], row["Incident"], row["Engineer"]) == ("华东物流", "INC7", "高工")
    assert (row["Project manager"], row["Recorded by"], row["Department"]) == ("程远", "苏岚", "Infrastructure")
    assert row["Received at"] == datetime(2026, 9, 14, 10, 0)
    assert (row["Name (masked)"], row["Reach (masked)"]) == ("王***", "138****5678")
    said = " ".join(str(cell) for cell in row.values())
    assert "13900001111" not in said and "wang@client" not in said and "王女士" not in said
    assert [cell for cell in row.values() if cell == 5] == [5] * 6


def test_a_corrected_record_is_marked_and_tells_what_was_recorded_first(cast, client, zone):
    response = by_name(cast, client, opinions="王女士说还好")
    (row,) = table(zone, wanted(ExportKind.RESPONSES, cast.qa))
    assert (row["Corrected"], row["Recorded first"]) == ("No", "")
    given = corrections.answers_by_code(response) | {"overall": GivenAnswer(2), "first_contact": GivenAnswer(1)}
    given.pop("opinions")
    made = corrections.propose_correction(response, given, "回电核实", cast.qa, NOW)
    corrections.confirm_correction(made, cast.qa2, NOW)
    (row,) = table(zone, wanted(ExportKind.RESPONSES, cast.qa))
    assert row["Corrected"] == "Yes" and list(row.values()).count(2) == 1
    first = row["Recorded first"].split("; ")
    assert [one.rpartition(": ")[2] for one in first] == ["5 Very satisfied", "No answer", "＊＊说还好"]


def test_an_anonymous_response_shows_nobody_and_no_time(cast, client, zone):
    a_response(client=client, anonymous=True, opinions="说说而已")
    (row,) = table(zone, wanted(ExportKind.RESPONSES, cast.qa))
    personal = ("Response", "Received at", "Incident", "Project manager", "Department", "Engineer", "Recorded by")
    assert [row[name] for name in (*personal, "Name (masked)", "Reach (masked)")] == [None] * 9
    assert row["Anonymous"] == "Yes" and row["Client"] == "华东物流"


def test_rows_come_in_the_order_of_their_keys_whatever_the_portions(cast, client, zone, monkeypatch):
    made = sorted(a_response(client=client).id for _ in range(7))
    monkeypatch.setattr(responses, "ROWS_AT_ONCE", 3)
    assert [row["Response"] for row in table(zone, wanted(ExportKind.RESPONSES, cast.qa))] == [str(key) for key in made]


def test_each_questionnaire_is_a_sheet_and_all_are_one_table(cast, client, zone):
    a_response("incident", client=client)
    a_response("company", client=client, quarter=20262)
    sheets = book(zone, wanted(ExportKind.RESPONSES, cast.qa, quarter=None))
    assert [len(rows) for rows in sheets.values()] == [1, 1]
    whole = table(zone, wanted(ExportKind.RESPONSES, cast.qa, quarter=None))
    assert {row["Questionnaire"] for row in whole} == set(sheets)
    ratings = [sum(cell == 5 for cell in row.values()) for row in whole]
    assert ratings == [6, 12]
    assert len(table(zone, wanted(ExportKind.RESPONSES, cast.qa))) == 1


def test_not_applicable_and_yes_and_no_are_words(cast, client, zone):
    response = a_response(client=client, ratings={"convenience": 0})
    question = next(one for one in response.version.questions if one.code == "first_contact")
    Answer.create(response=response, question=question, value=0)
    (row,) = book(zone, wanted(ExportKind.RESPONSES, cast.qa, language="zh"))["事件满意度调查问卷"]
    assert list(row.values()).count("否") == 3  # anonymous, corrected, and solved at first contact


# --- figures and the appraisal sheet -----------------------------------------------------------------


def rated(client, *ratings, **more):
    for rating in ratings:
        a_response(client=client, rated=rating, verdict=Verdict.VALID, **more)
    tally.rebuild_tally()


def test_every_figure_stands_under_its_identifier_with_its_numbers(cast, client, zone):
    rated(client, 5, 4, 2)
    rows = {row["Identifier"]: row for row in table(zone, wanted(ExportKind.FIGURES, cast.qa))}
    one = rows[f"satisfaction/client/{client.id}"]
    assert (one["Figure"], one["About whom or what"]) == ("Satisfaction rate", "华东物流")
    assert one["Responses"] == 3
    assert one["Share"] == pytest.approx(2 / 3) and (one["Numerator"], one["Denominator"]) == (2, 3)
    assert rows["satisfaction/index"]["Mean or index"] == pytest.approx(200 / 3)
    assert rows["satisfaction/index"]["Share"] is None
    assert rows[f"dimension/timeliness/client/{client.id}"]["About whom or what"] == "华东物流 · Timeliness"
    assert rows["trend/20263"]["About whom or what"] == "Q3 2026"


def test_the_net_promoter_score_is_no_share(cast, client, zone):
    for score in (10, 9, 8, 3):
        made = a_response("company", client=client, verdict=Verdict.VALID)
        asked = next(one for one in made.version.questions if one.kind == Kind.RECOMMEND)
        Answer.create(response=made, question=asked, value=score)
    tally.rebuild_tally()
    rows = table(zone, wanted(ExportKind.FIGURES, cast.qa))
    (row,) = [row for row in rows if row["Identifier"] == "recommend"]
    assert row["Share"] is None and row["Mean or index"] is None
    assert row["Net promoter score (−100 to 100)"] == pytest.approx(25)


def test_plain_numbers_and_meanings_are_in_words(cast, client, zone):
    rated(client, 5, 4)
    sheets = book(zone, wanted(ExportKind.FIGURES, cast.qa))
    counts = {row["Identifier"]: row for row in sheets["Numbers"]}
    assert counts["verdicts/valid"]["How many"] == 2
    assert counts["verdicts/held"]["What it counts"] == "Valid anonymous responses that do not count yet"
    whole = asdict(compute_quarter_figures(Q3, NOW, zone, Audience.RESPONSE_READERS))
    for part in ("verdicts", "surveyed", "feedback"):  # no count of the figures is left out
        plain = {key for key, value in whole[part].items() if isinstance(value, int | float)}
        assert plain <= {key.split("/")[1] for key in counts if key.startswith(f"{part}/")}
    known = tuple(row["Identifier begins with"] for row in sheets["What the figures mean"])
    assert all(row["Identifier"].startswith(known) for row in sheets["Figures"])


def test_what_is_hidden_is_empty_and_says_so(cast, client, zone):
    rated(client, 5, 1, anonymous=True)
    rated(a_client("城市银行"), 5, 5, 5, anonymous=True)
    row = {row["Identifier"]: row for row in table(zone, wanted(ExportKind.FIGURES, cast.qa))}
    hidden = row[f"satisfaction/client/{client.id}"]
    assert hidden["Note"] == "too few, not shown"
    names = ("Share", "Interval from", "Interval to", "Responses", "Numerator", "Denominator")
    assert [hidden[name] for name in names] == [None] * 6
    (sheet,) = [
        one for one in book(zone, wanted(ExportKind.APPRAISAL, cast.qa))["Clients"] if one["Client"] == client.name
    ]
    assert sheet["Note"] == "too few, not shown" and sheet["Critical"] is None and sheet["Index"] is None


def test_how_questions_were_answered_stands_in_its_column(cast, client, zone):
    rated(client, 5, 5, 2)
    rows = book(zone, wanted(ExportKind.FIGURES, cast.qa))["How questions were answered"]
    overall = next(row for row in rows if row["Code"] == "overall")
    assert [overall[str(value)] for value in range(11)] == [None, 0, 1, 0, 0, 2, *[None] * 5]


def test_the_appraisal_sheet_of_a_manager_holds_their_own_only(cast, client, zone):
    other = a_client("城市银行", manager=cast.qa2)
    for one, manager in ((client, cast.manager), (other, cast.qa2)):
        rated(one, 5, manager=manager, engineer=cast.engineer, department=cast.department)
    sheets = book(zone, wanted(ExportKind.APPRAISAL, cast.manager))
    assert {name: [row[name[:-1]] for row in rows] for name, rows in sheets.items()} == {
        "Clients": ["华东物流"],
        "Project managers": ["程远"],
    }
    whole = book(zone, wanted(ExportKind.APPRAISAL, cast.director))
    assert [len(rows) for rows in whole.values()] == [2, 2, 1, 1]
    assert len(table(zone, wanted(ExportKind.APPRAISAL, cast.manager))) == 2


def test_the_first_sheet_says_what_is_in_no_row(cast, client, zone):
    rated(client, 5, 5, 5, anonymous=True)
    about = dict(tables.build_workbook(wanted(ExportKind.APPRAISAL, cast.qa), NOW, zone).about[1])
    assert "3 valid responses" in about["Engineers and departments"]
    assert about["Quarter"] == "Q3 2026" and about["Asked for by"] == "乔安"
    assert "fewer than 3 anonymous answers" in about["What is not shown"]
    assert "answers for it" in about["Your duty"]


# --- feedback ----------------------------------------------------------------------------------------


def a_feedback(department, **more):
    facts = {"words": "打 13900001111 也没人接", "severity": Severity.MAJOR, **more}
    return a_stored_feedback(department=department, **facts)


def test_a_department_takes_its_own_feedback_along(cast, client, zone):
    mine = a_feedback(cast.department, client=client)
    a_feedback(a_department("应用部"))
    (row,) = book(zone, wanted(ExportKind.FEEDBACK, cast.owner))["Feedback"]
    assert (row["Number"], row["Client"], row["Severity"]) == (mine.number, "华东物流", "Major")
    assert row["What was said"] == "打 139****1111 也没人接"
    assert len(table(zone, wanted(ExportKind.FEEDBACK, cast.qa))) == 2
    assert table(zone, wanted(ExportKind.FEEDBACK, cast.qa, quarter=Quarter(2026, 2))) == []


def test_who_has_left_a_department_takes_nothing_of_it(cast, zone):
    a_feedback(cast.department)
    stranger = a_person("外人")
    assert table(zone, replace(wanted(ExportKind.FEEDBACK, cast.owner), by=stranger)) == []


def test_headings_speak_the_askers_language(cast, zone):
    Client.create(name="华东物流", name_en="East Logistics")
    sheet = tables.build_table(wanted(ExportKind.FEEDBACK, cast.qa, language="zh"), NOW, zone)
    assert "客户单位" in [column.title for column in sheet.columns]


def test_the_dates_before_a_move_stand_beside_those_that_count(cast, zone):
    moved = due_asked(cast, called_back(cast))
    before = moved.close_due_at
    due_moves.move_due(moved, cast.qa, NOW)
    (row,) = table(zone, wanted(ExportKind.FEEDBACK, cast.qa))
    at = before.astimezone(zone).replace(microsecond=0, tzinfo=None)
    assert row["Closing due before it was moved"] == at < row["Closing due"]
    assert row["Call-back due before it was moved"] is None


# --- praise, contacts --------------------------------------------------------------------------------


def test_praise_goes_with_feedback_and_alone_to_each_what_they_see(cast, client, zone):
    told = Telling(FeedbackOrigin.EMAIL, NOW.date(), client=client, said_by="王女士")
    mine = praise.enter_praise(
        told, "王女士：高工很快，13900001111", cast.department, [cast.engineer], cast.desk, NOW, zone
    )
    praise.enter_praise(replace(told, client=None), "多谢", a_department("应用部"), [], cast.desk, NOW, zone)
    (row,) = book(zone, wanted(ExportKind.FEEDBACK, cast.owner))["Praise"]
    assert (row["Number"], row["Client"], row["Whom it names"], row["Quarter"]) == (
        mine.number,
        "华东物流",
        "高工",
        "2026Q3",
    )
    assert "王女士" not in row["What was said"] and "13900001111" not in row["What was said"]
    assert len(table(zone, wanted(ExportKind.PRAISE, cast.qa))) == 2
    assert table(zone, wanted(ExportKind.PRAISE, cast.qa, quarter=Quarter(2026, 2))) == []
    assert [line["Number"] for line in table(zone, wanted(ExportKind.PRAISE, cast.manager))] == [mine.number]  # in care
    praise.withdraw_praise(mine, "并非表扬", cast.qa, NOW)
    assert table(zone, wanted(ExportKind.PRAISE, cast.owner)) == []


def test_contacts_are_those_of_the_clients_one_sees_with_addresses_masked(cast, zone):
    mine = a_contact(a_client("城建集团", manager=cast.manager), "赵女士", position="科长")
    other = a_contact(a_client("海港银行", Tier.ORDINARY), "钱先生", email="", telephone="", opted_out_at=NOW)
    a_contact(mine.client, "旧人", retired_at=NOW)
    (row,) = table(zone, wanted(ExportKind.CONTACTS, cast.manager, quarter=None))
    assert (row["Client"], row["Contact"], row["Position"], row["Project manager"]) == (
        "城建集团",
        "赵女士",
        "科长",
        "程远",
    )
    assert (row["E-mail (masked)"], row["Telephone (masked)"]) == ("w***@client.example", "138****5678")
    assert (row["Asked each quarter"], row["Wants no surveys"], row["Language"]) == ("Yes", "No", "中文")
    everybody = {line["Contact"]: line for line in table(zone, wanted(ExportKind.CONTACTS, cast.admin, quarter=None))}
    assert set(everybody) == {"赵女士", "钱先生"} and everybody[other.name]["Wants no surveys"] == "Yes"
