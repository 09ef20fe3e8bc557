"""What clients answered on the receipt page, for QA to read (Q4)."""

from __future__ import annotations

from flask import render_template

from csat.procedure.review import verdicts
from csat.procedure.survey import receipts
from csat.web.access import open_to
from csat.web.pagination import paginate
from csat.web.review.blueprint import blueprint


@blueprint.get("/receipts")
@open_to("review")
def list_receipt_answers() -> str:
    """The responses whose client has the last word on the receipt page."""
    listed = paginate(verdicts.join_names(receipts.select_answered_receipts()))
    return render_template(
        "review/receipts.html",
        listed=listed,
        said={row.id: receipts.list_messages(row) for row in listed.rows},
        made={row.id: verdicts.feedback_of(row) for row in listed.rows},
    )
