"""Figures made by hand, as `csat.figures` would give them: a full quarter, one response, nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from math import sqrt
from typing import Any

from csat.documents.report import compose
from csat.figures.types import (
    ChannelRow,
    CutRow,
    FeedbackFigures,
    FeedbackRow,
    ImportanceRow,
    Index,
    NetPromoterScore,
    QuarterFigures,
    QuestionRow,
    Rate,
    ResponseRateRow,
    SurveyedInTime,
    TrendPoint,
    VerdictCounts,
)

CUT_OFF = datetime(2026, 10, 8, 10, 0, tzinfo=UTC)
COVER = {"quarter": 20263, "cut_off": CUT_OFF.isoformat(), "target": 0.9, "least": 3}
QUARTERS = (20244, 20251, 20252, 20253, 20254, 20261, 20262, 20263)

CLIENTS = (
    ("core", "华东物流集团", "East China Logistics", 31, 38, 35, 36),
    ("core", "海关数据中心", "Customs Data Centre", 28, 30, 27, 30),
    ("core", "滨江银行", "Riverside Bank", 24, 25, 22, 24),
    ("important", "第二人民医院", "Second People’s Hospital", 22, 24, 20, 23),
    ("important", "城建集团", "City Construction Group", 23, 24, 20, 22),
    ("important", "东港码头", "Eastport Terminal", 13, 15, 13, 15),
    ("important", "师范大学", "Teachers’ University", 14, 15, 12, 14),
    ("ordinary", "晨光印刷", "Morning Light Printing", 9, 10, 8, 10),
    ("ordinary", "绿源食品", "Green Spring Foods", 11, 12, 9, 10),
    ("ordinary", "远山旅行社", "Far Hills Travel", None, None, None, None),
    ("ordinary", "志成律师事务所", "Zhicheng Law Firm", 8, 8, 5, 6),
    ("ordinary", "北斗机械", "Big Dipper Machinery", 9, 10, 9, 9),
)
DIMENSIONS = (
    ("overall", "总体", "Overall", 195, 211, 186, 204, 1.0, "unknown"),
    ("timeliness", "及时性", "Timeliness", 183, 211, 170, 204, 0.62, "strength"),
    ("expertise", "专业性", "Expertise", 199, 210, 190, 202, 0.55, "strength"),
    ("attitude", "态度与沟通", "Attitude and communication", 203, 211, 196, 204, 0.34, "keep"),
    ("resolution", "解决效果", "Resolution", 168, 209, 177, 203, 0.78, "first"),
    ("convenience", "便捷性", "Convenience", 118, 140, 108, 130, 0.28, "secondary"),
    ("security", "安全成效", "Security results", 41, 45, 40, 44, 0.5, "strength"),
)
TYPES = (
    ("recurring", "反复故障", "Recurring fault", 2, 5, 3, 1),
    ("slow_reply", "响应慢", "Slow reply", 0, 4, 6, 2),
    ("no_progress", "未告知进展", "No progress told", 0, 1, 4, 5),
    ("documents", "文档", "Documents", 0, 0, 3, 2),
    ("new_wish", "新需求", "New wish", 0, 0, 0, 3),
)
TREND = ((54, 66), (80, 92), (118, 130), (150, 166), (170, 188), (171, 187), (186, 204), (195, 211))


def rate(id_: str, good: int | None, of: int | None) -> Rate:
    """A rate with its Wilson interval; None hides it, 0 of 0 has nothing to show."""
    if good is None or of is None:
        return Rate(id_, None, None, None, None, hidden=True)
    if not of:
        return Rate(id_, None, 0, None, None, good=0, of=0)
    p, z = good / of, 1.959964
    middle, half = p + z * z / (2 * of), z * sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    low, high = (middle - half) / (1 + z * z / of), (middle + half) / (1 + z * z / of)
    return Rate(id_, p, of, max(0.0, low), min(1.0, high), good=good, of=of)


def index(id_: str, of: Rate) -> Index:
    return Index(id_, None if of.value is None else round(40 + of.value * 50, 1), of.n, of.hidden)


def row(cut: str, key: str, zh: str, en: str, *counts: Any, tier: str = "", change: str = "same") -> CutRow:
    now, before = rate(f"satisfaction/{cut}/{key}", *counts[:2]), rate(f"before/{cut}/{key}", *counts[2:4])
    change = "unknown" if now.value is None or before.value is None else change
    return CutRow(key, {"zh": zh, "en": en}, now, index(f"index/{cut}/{key}", now), before, change, tier)


def a_full_quarter() -> QuarterFigures:
    """Some two hundred responses of twelve clients; one client is clearly worse."""
    dimensions = [row("dimension", *one[:7]) for one in DIMENSIONS]
    return QuarterFigures(
        **COVER,
        satisfaction=row("all", "all", "全部", "All", 195, 211, 186, 204),
        recommend=NetPromoterScore("recommend", 0.36, 88, 0.52, 0.32, 0.16),
        trend=tuple(
            TrendPoint(code, rate(f"trend/{code}", *counts)) for code, counts in zip(QUARTERS, TREND, strict=True)
        ),
        clients=tuple(
            row("client", str(at), zh, en, *counts, tier=tier, change="worse" if at == 0 else "same")
            for at, (tier, zh, en, *counts) in enumerate(CLIENTS)
        ),
        tiers=(
            row("tier", "core", "核心", "Core", 83, 93, 84, 90),
            row("tier", "important", "重要", "Important", 72, 78, 65, 74),
            row("tier", "ordinary", "普通", "Ordinary", 40, 40, 37, 40),
        ),
        questionnaires=(
            row("questionnaire", "incident", "事件满意度调查问卷", "Incident survey", 120, 131, 118, 130),
            row("questionnaire", "company", "公司满意度调查问卷", "Company satisfaction survey", 66, 71, 60, 65),
            row("questionnaire", "security", "网络安全服务客户满意度表", "Security service survey", 9, 9, 8, 9),
        ),
        dimensions=tuple(dimensions),
        channels=tuple(
            ChannelRow(key, rate(f"channel/{key}", *counts), Index(f"channel/{key}", 80.5, counts[1]))
            for key, counts in (("link", (88, 99)), ("email", (40, 43)), ("telephone", (67, 69)))
        ),
        questions=tuple(_questions()),
        importance=tuple(
            ImportanceRow(one.key, one.name, source[7], one.rate, source[8])
            for one, source in zip(dimensions, DIMENSIONS, strict=True)
            if one.key != "overall"
        ),
        heat=tuple(
            {"client": str(at), "dimension": one[0], "rate": rate(f"heat/{at}/{one[0]}", of and of - at % 4, of)}
            for at, (_, _, _, _, of, *_) in enumerate(CLIENTS)
            for one in DIMENSIONS
        ),
        asked=_asked("all", "全部", "All", 346, 211),
        asked_by_client=tuple(
            _asked(str(at), zh, en, (of or 4) + 10, of or 4) for at, (_, zh, en, _, of, *_) in enumerate(CLIENTS)
        ),
        clients_asked=12,
        surveyed=SurveyedInTime(rate("surveyed_in_time", 184, 190), 192, 188, 4, 1, 2),
        verdicts=VerdictCounts(
            211, 0, 0, 3, ("同一人重复填写", "同一人重复填写", "电话 13812345678 回访时本人否认填写"), 2
        ),
        feedback=_feedback(),
        importance_cut=(0.51, 0.88),
    )


def nothing() -> QuarterFigures:
    """A quarter in which nobody was asked."""
    return _small(0)


def one_response() -> QuarterFigures:
    """A quarter with a single named response."""
    return _small(1)


def a_document(figures: QuarterFigures | None = None, **more: Any) -> dict[str, Any]:
    """A composed document around figures, in draft."""
    facts = {
        "number": "CSAT-2026Q3-1",
        "version": 1,
        "quarter": 20263,
        "state": "draft",
        "zone": "Asia/Shanghai",
        "provider": {"zh": "恒信信息服务", "en": "Hengxin IT Services"},
        "prepared_by": "周敏",
        "prepared_at": CUT_OFF.isoformat(),
        "preparers": [],
        "reviewers": [],
        "changes": "",
        "issued_at": None,
        "quarter_before": None,
        **more.pop("facts", {}),
    }
    nobody = {sort: {"shown": [], "left_out": 0} for sort in ("praise", "wish", "other")}
    return compose.compose_report(
        figures or a_full_quarter(),
        more.pop("comments", nobody),
        more.pop("actions", {"now": [], "before": []}),
        more.pop("remarks", None),
        facts,
        CUT_OFF,
        more.pop("before", None),
        {
            "praise": None,
            "appraisal": None,
            "commitments": None,
            "risks": None,
            "edits": {},
            "titles": {},
            "changed": None,
        }
        | more.pop("beside", {}),
    )


def _questions() -> list[QuestionRow]:
    texts = (
        ("incident", "overall", "overall", "您总体满意吗？", "How satisfied are you overall?"),
        ("incident", "timeliness", "timeliness", "处理的速度，您满意吗？", "How satisfied with our speed?"),
        ("incident", "resolution", "resolution", "问题解决得怎么样？", "How well was the problem solved?"),
        ("company", "overall", "overall", "这个季度，您总体满意吗？", "How satisfied overall, this quarter?"),
        ("company", "expertise", "expertise", "人员的专业能力，您满意吗？", "How satisfied with our people?"),
    )
    rows = []
    for form, code, dimension, zh, en in texts:
        of, said = rate(f"question/{form}/{code}", 110, 131), {"zh": zh, "en": en}
        figures = of, index(f"question/{form}/{code}", of), (3, 5, 13, 52, 58)
        rows.append(QuestionRow(form, code, "rating", dimension, said, *figures, 2))
    solved = rate("question/incident/first_contact", 98, 131)
    first = {"zh": "第一次联系就解决了吗？", "en": "Was it solved at first contact?"}
    rows.insert(
        3, QuestionRow("incident", "first_contact", "yes_no", "", first, solved, Index("x", None, None), (33, 98), None)
    )
    return rows


def _asked(key: str, zh: str, en: str, delivered: int, answered: int) -> ResponseRateRow:
    gone, shown = delivered - answered, rate(f"response/{key}", answered, delivered)
    parts = gone // 4, gone // 2, gone - gone // 4 - gone // 2
    return ResponseRateRow(key, {"zh": zh, "en": en}, shown, delivered + 2, delivered, answered, *parts)


def _feedback() -> FeedbackFigures:
    rows = []
    for key, zh, en, *counts in TYPES:
        handled = rate(f"feedback/{key}", sum(counts) - 2, sum(counts))
        rows.append(FeedbackRow(key, {"zh": zh, "en": en}, "technical", *counts, sum(counts), handled))
    return FeedbackFigures(
        rows=tuple(rows),
        total=41,
        open=9,
        closed=32,
        overdue=4,
        called_back_in_time=rate("called_back_in_time", 38, 41),
        handled_in_time=rate("handled_in_time", 32, 41),
        median_days=8.5,
        actions=17,
        actions_in_time=rate("actions_in_time", 14, 17),
        recurred=2,
        moved=3,
        late_by_first=1,
        overdue_by_department=(
            {"name": {"zh": "网络部", "en": "Networks"}, "number": 3},
            {"name": {"zh": "应用部", "en": "Applications"}, "number": 1},
        ),
    )


def _small(number: int) -> QuarterFigures:
    """Figures of no response, or of one that is satisfied."""
    some = row("all", "all", "全部", "All", number, number, 0, 0)
    client = row("client", "1", "华东物流集团", "East China Logistics", 1, 1, 0, 0, tier="core")
    form = row("questionnaire", "incident", "事件满意度调查问卷", "Incident survey", 1, 1, 0, 0)
    now = TrendPoint(20263, rate("trend/20263", number, number))
    return QuarterFigures(
        **COVER,
        satisfaction=some,
        recommend=NetPromoterScore("recommend", None, 0, None, None, None),
        trend=(*(TrendPoint(code, rate(f"trend/{code}", 0, 0)) for code in QUARTERS[:-1]), now),
        clients=(client,) * number,
        questionnaires=(form,) * number,
        dimensions=(row("dimension", "overall", "总体", "Overall", 1, 1, 0, 0),) * number,
        **dict.fromkeys(("tiers", "channels", "questions", "importance", "heat", "asked_by_client"), ()),
        asked=_asked("all", "全部", "All", number, number),
        clients_asked=number,
        surveyed=SurveyedInTime(rate("surveyed_in_time", 0, 0), 0, 0, 0, 0, 0),
        verdicts=VerdictCounts(number, 0, 0, 0, (), 0),
        feedback=FeedbackFigures((), 0, 0, 0, 0, rate("a", 0, 0), rate("b", 0, 0), None, 0, rate("c", 0, 0), 0),
    )
