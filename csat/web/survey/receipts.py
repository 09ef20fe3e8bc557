"""The receipt page: a code is looked up by POST, so that it stands in no address, log or referrer (Q4)."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_babel import gettext

from csat.procedure.core.refusals import InputWrong, OutOfOrder, ReceiptUnknown
from csat.procedure.survey import receipts
from csat.web.access import ANYONE, open_to
from csat.web.errors import say
from csat.web.language import speak
from csat.web.public_pages import greet

blueprint = Blueprint("receipts", __name__)
blueprint.before_request(greet)


@blueprint.get("/receipt")
@open_to(ANYONE)
def ask_for_code() -> str:
    """Ask for the code."""
    return render_template("survey/receipt_code.html", code="", trouble="")


@blueprint.post("/receipt")
@open_to(ANYONE)
def look() -> str | tuple[str, int]:
    """Show what became of an answer, or take the answer to our question."""
    speak(request.form.get("lang", ""))
    code = request.form.get("code", "")
    try:
        if request.form.get("do") == "answer":
            return _answer(code, request.form.get("words", ""))
        return _receipt(code)
    except ReceiptUnknown as refusal:
        return render_template("survey/receipt_code.html", code=code, trouble=say(refusal)), 422


def _answer(code: str, words: str) -> str | tuple[str, int]:
    try:
        receipts.answer(code, words)
    except InputWrong as refusal:
        return _receipt(code, words=words, trouble=say(refusal)), 422
    except OutOfOrder:  # sent twice: the answer is there already
        return _receipt(code)
    return _receipt(code, notice=gettext("Thank you. Your answer is with us."))


def _receipt(code: str, words: str = "", trouble: str = "", notice: str = "") -> str:
    receipt = receipts.look_up(code)
    return render_template(
        "survey/receipt.html", receipt=receipt, code=code, words=words, trouble=trouble, notice=notice
    )
