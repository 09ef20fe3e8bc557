"""A form as the TOML file in which forms ship: written, and read with a sentence for whatever is wrong in it (Q7).

Written by hand (decision 0181): our shape is fixed, and this way what ships comes out again byte for byte.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from datetime import datetime

from csat.database import write
from csat.models.base import Json
from csat.models.people import Person
from csat.models.questionnaires import Questionnaire, QuestionnaireDraft
from csat.procedure.authoring import drafts
from csat.procedure.authoring.toml_shape import check_shape
from csat.procedure.core import audit
from csat.procedure.core.refusals import InputWrong
from csat.procedure.questionnaires.content import LANGUAGES, FormContent, read_content, write_content
from csat.words import N_

MOST_BYTES = 256 * 1024  # of a file; what ships has 10 KB at most
MOST_PARTS = 400  # that the editor's page holds well; far fewer may be published
AT_LINE = re.compile(r"at line (\d+)")
# A name of so many parts is no form's, and the time that reading it takes grows with their square.
LONG_NAME = re.compile(r"""(?:(?:"[^"\n]*+"|'[^'\n]*+'|(?<![\w-])[\w-]++)[ \t]*+\.[ \t]*+){50}""")


class FileTooLarge(InputWrong):
    sentence = N_("This file has %(size)s KB; a questionnaire has at most %(most)s KB.")


class FormTooLarge(InputWrong):
    sentence = N_(
        "This file has %(number)s sections, questions and options together; at most %(most)s can be edited. "
        "Please make it smaller."
    )


class FileNotUtf8(InputWrong):
    sentence = N_("This file is not written in UTF-8. Please save it as a text file in UTF-8.")


class FileNotToml(InputWrong):
    sentence = N_("Line %(line)s of this file is not TOML. Please compare it with an exported questionnaire.")


class DraftInWork(InputWrong):
    sentence = N_("A draft of “%(code)s” is in work. Please publish or discard it before you import another.")


def write_toml(form: FormContent, minutes: int) -> str:
    """The form as a TOML file."""
    data = write_content(form, minutes)
    lines = [_pair(name, data[name]) for name in ("code", "minutes", "title", "intro")]
    for section in data["section"]:
        lines += ["", "[[section]]", _pair("title", section["title"])]
        for question in section["question"]:
            lines += ["", "[[section.question]]", *_write_question(question)]
    return "\n".join(lines) + "\n"


def parse_toml(content: bytes) -> FormContent:
    """The form in a file; what the check list finds in it is kept, what is no form at all is refused."""
    if len(content) > MOST_BYTES:
        raise FileTooLarge(field="file", size=-(-len(content) // 1024), most=MOST_BYTES // 1024)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileNotUtf8(field="file") from error
    data = _parse_lines(text)
    check_shape(data)
    form = read_content(data)
    if (parts := _count_parts(form)) > MOST_PARTS:
        raise FormTooLarge(field="file", number=parts, most=MOST_PARTS)
    return form


def import_form(form: FormContent, by: Person, now: datetime) -> QuestionnaireDraft:
    """The form as the draft of its questionnaire: of a new one, or the next version of a known one."""
    with write():
        known = Questionnaire.get_or_none(Questionnaire.code == form.code)
        if known is None:
            draft = drafts.start_questionnaire(form.code, form, by, now)
        elif QuestionnaireDraft.get_or_none(questionnaire=known):
            raise DraftInWork(field="file", code=form.code)
        else:
            draft = drafts.save_draft(drafts.start_draft(form.code, by, now), form, by, now)
        audit.record(by, "draft imported", draft.questionnaire, now, code=form.code)
    return draft


def _count_parts(form: FormContent) -> int:
    return len(form.sections) + sum(1 + len(question.options) for question in form.questions)


def _parse_lines(text: str) -> Json:
    if found := LONG_NAME.search(text):
        raise FileNotToml(field="file", line=text.count("\n", 0, found.start()) + 1)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = AT_LINE.search(str(error))
        line = int(found.group(1)) if found else text.count("\n") + 1  # "at end of document"
        raise FileNotToml(field="file", line=line) from error
    except (RecursionError, ValueError) as error:  # thousands of brackets; a number of thousands of digits
        raise FileNotToml(field="file", line=1) from error


def _write_question(question: Json) -> Iterator[str]:
    names = ("code", "kind", "dimension", "required", "na", "text", "help", "labels")
    yield from (_pair(name, question[name]) for name in names if name in question)
    if "options" in question:
        yield "options = ["
        yield from (f"    {_value(option)}," for option in question["options"])
        yield "]"


def _pair(name: str, value: object) -> str:
    return f"{name} = {_value(value)}"


def _value(value: object) -> str:
    if isinstance(value, dict):
        order = [name for name in ("code", *LANGUAGES) if name in value]
        return "{ " + ", ".join(_pair(name, value[name]) for name in order) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    # JSON writes texts and numbers as TOML reads them, but for this one character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
