"""What stands beside the sample figures: an appraisal, commitments, risk domains, actions."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from csat.documents.report.alongside import mask_commitment
from csat.figures.appraisal import Appraisal, AppraisalRow
from csat.figures.commitments import CommitmentFigure
from csat.figures.risks import RiskDomainRow, RiskFigures
from tests.documents.samples import CLIENTS, CUT_OFF, QUARTERS, index, rate

COMMITMENTS = (
    ("first_response", "首次响应时间", "First response", "minutes", "at_most", 30, 25.3, "reached"),
    ("satisfaction", "客户满意率", "Client satisfaction", "percent", "at_least", 90, 92.4, "reached"),
    ("feedback_time", "意见按期处理率", "Feedback in time", "percent", "at_least", 100, 78.0, "missed"),
    ("availability", "核心系统可用率", "Availability", "percent", "at_least", 99.9, None, "no_data"),
)
DOMAINS = (
    ("process", "服务流程规范", "Service process", 6, 0, 0, 0, 1, 4, 2, False),
    ("technical", "技术保障完善", "Technical safeguards", 4, 1, 1, 2, 5, 3, 1, False),
    ("channels", "沟通渠道畅通", "Communication channels", 6, 0, 0, 0, 5, 10, 7, True),
    ("data", "数据安全管控", "Data security", 3, 0, 0, 0, 0, 0, 0, False),
)


def beside(**more: Any) -> dict[str, Any]:
    """All that stands beside the figures of a full quarter."""
    told = [mask_commitment(one) for one in commitments()]
    return {"praise": praise(), "appraisal": asdict(appraisal()), "commitments": told, "risks": asdict(risks()), **more}


def praise() -> dict[str, Any]:
    department = {"name": {"zh": "网络部", "en": "Networks"}, "number": 2}
    return {"total": 2, "departments": [department], "shown": ["反应很快，一次就解决了。"], "left_out": 1}


def appraisal() -> Appraisal:
    """Clients, and a few of the staff."""
    rows = [
        _row("client", str(at), zh, en, good, of, tier, hidden=of is None)
        for at, (tier, zh, en, good, of, *_) in enumerate(CLIENTS)
    ]
    rows += [_row("manager", "3", "程远", "Cheng Yuan", 66, 71), _row("engineer", "9", "高工", "Gao", 20, 24)]
    return Appraisal(20263, CUT_OFF.isoformat(), tuple(rows), without_incident=80, without_manager=92)


def commitments() -> tuple[CommitmentFigure, ...]:
    """One of each verdict, and one measured in time."""
    return tuple(_commitment(*one) for one in COMMITMENTS)


def risks() -> RiskFigures:
    """Four domains; one is said to be in place and draws complaints."""
    rows = []
    for code, zh, en, in_place, partly, missing, critical, major, minor, suggestion, marked in DOMAINS:
        severe = (critical, major, minor, suggestion)
        standing = (in_place, partly, missing, 6 - in_place - partly - missing)
        rows.append(RiskDomainRow(code, {"zh": zh, "en": en}, *standing, *severe, sum(severe), marked))
    return RiskFigures(20263, tuple(rows), assessed=21, points=24)


def an_action(state: str = "done", confirmed: bool = True, **more: Any) -> dict[str, Any]:
    """One line of the actions, as `csat.documents.report.compose.facts` makes it."""
    return {
        "feedback": ["F-0142"],
        "what": "更换接入点，并在每周例会上检查",
        "kind": "corrective",
        "issue": {"zh": "反复故障", "en": "Recurring fault"},
        "type": "recurring",
        "severity": "major",
        "department": {"zh": "网络部", "en": "Networks"},
        "due": "2026-09-14",
        "state": state,
        "confirmed": confirmed,
        **more,
    }


def _row(
    sort: str, key: str, zh: str, en: str, good: Any, of: Any, tier: str = "", hidden: bool = False
) -> AppraisalRow:
    shown = rate(f"satisfaction/{sort}/{key}", good, of)
    counts = (None,) * 4 if hidden else (0, 1, 2, 1)
    in_time = rate(f"feedback/{sort}/{key}", *((None, None) if hidden else (3, 4)))
    return AppraisalRow(sort, key, {"zh": zh, "en": en}, tier, shown, index("x", shown), *counts, in_time)


def _commitment(
    code: str, zh: str, en: str, unit: str, direction: str, target: float, value: Any, verdict: str
) -> CommitmentFigure:
    point = {"value": value, "n": 40, "target": target, "verdict": verdict, "hidden": False}
    timed = {"share_met": 0.94, "median": 11.6, "p90": value, "share_missing": 0.0}
    return CommitmentFigure(
        code=code,
        name={"zh": zh, "en": en},
        description={"zh": "", "en": ""},
        source="entered",
        period="quarter",
        unit=unit,
        direction=direction,
        target=target,
        value=value,
        n=None if value is None else 40,
        verdict=verdict,
        so_far=False,
        hidden=False,
        parts=timed if unit == "minutes" else {},
        trend=tuple({"quarter": quarter, **point} for quarter in QUARTERS),
        department={"zh": "网络部", "en": "Networks"},
    )
