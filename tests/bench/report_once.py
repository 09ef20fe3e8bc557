"""Make one report, or the floor, and say how long it took and how much memory: run by the bench `report`."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable

from csat import clock
from csat.adapters import pdf
from csat.commands.opening import open_system
from csat.config import PROJECT_ROOT
from csat.documents.report import drafting, render
from csat.figures.audience import Audience
from csat.procedure.core.quarter import Quarter


def main(what: str) -> None:
    """Compose and render in Chinese, as the worker does."""
    made = measured(floor if what == "floor" else lambda: of(Quarter.parse(what)))
    print(json.dumps(made))


def of(quarter: Quarter) -> bytes:
    """The report of a quarter."""
    config = open_system()
    document = drafting.draft_document(quarter, None, clock.now(), config.timezone, Audience.RESPONSE_READERS)
    return render.render_pdf(document, "zh", watermark=True)


def floor() -> bytes:
    """The least PDF that the same adapter makes of the same stylesheet and font."""
    page = '<html lang="zh-Hans"><title>底</title><body><p>底</p></body></html>'
    return pdf.render_pdf(page, PROJECT_ROOT / "static" / "report.css", clock.now())


def measured(work: Callable[[], bytes]) -> dict[str, float]:
    """Seconds of the work, megabytes of the whole process at its peak."""
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


if __name__ == "__main__":
    main(sys.argv[1])
