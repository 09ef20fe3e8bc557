"""The receipt page: a code is looked up by POST, so that it stands in no address, log or referrer (Q4)."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_babel import gettext

from csat.procedure.core.refusals import InputWrong, OutOfOrder, ReceiptUnknown
from csat.procedure.survey import receipts
from csat.web.access import ANYONE, open_to
from csat.web.errors import describe_refusal
from csat.web.language import switch_language
from csat.web.public_pages import open_public_page

blueprint = Blueprint("receipts", __name__)
blueprint.before_request(open_public_page)


@blueprint.get("/receipt")
@open_to(ANYONE)
def show_code_form() -> str:
    """Ask for the code."""
    return render_template("survey/receipt_code.html", code="", trouble="")


@blueprint.post("/receipt")
@open_to(ANYONE)
def look_up_receipt() -> str | tuple[str, int]:
    """Show what became of an answer, or take the answer to our question."""
    switch_language(request.form.get("lang", ""))
    code = request.form.get("code", "")
    try:
        if request.form.get("do") == "answer":
            return _save_answer(code, request.form.get("words", ""))
        return _render_receipt(code)
    except ReceiptUnknown as refusal:
        return render_template("survey/receipt_code.html", code=code, trouble=describe_refusal(refusal)), 422


def _save_answer(code: str, words: str) -> str | tuple[str, int]:
    try:
        receipts.answer_question(code, words)
    except InputWrong as refusal:
        return _render_receipt(code, words=words, trouble=describe_refusal(refusal)), 422
    except OutOfOrder:  # sent twice: the answer is there already
        return _render_receipt(code)
    return _render_receipt(code, notice=gettext("Thank you. Your answer is with us."))


def _render_receipt(code: str, words: str = "", trouble: str = "", notice: str = "") -> str:
    receipt = receipts.get_receipt_page(code)
    return render_template(
        "survey/receipt.html", receipt=receipt, code=code, words=words, trouble=trouble, notice=notice
    )
