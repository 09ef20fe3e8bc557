"""Whether what a TOML file holds has the shape of a form: every key that is needed, none unknown, each of its kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from csat.models.questionnaires import Dimension, Kind
from csat.procedure.authoring.drafts import CODE_PATTERN
from csat.procedure.authoring.limits import LABEL_COUNT
from csat.procedure.core.refusals import InputWrong
from csat.procedure.questionnaires.content import LANGUAGES
from csat.words import N_


class KeyMissing(InputWrong):
    sentence = N_("%(place)s: “%(key)s” is missing.")


class KeyUnknown(InputWrong):
    sentence = N_("%(place)s: “%(key)s” is not known here. Known are: %(known)s.")


class ValueUnfit(InputWrong):
    sentence = N_("%(place)s: “%(key)s” is not of the right kind. Please compare it with an exported questionnaire.")


class ValueUnknown(InputWrong):
    sentence = N_("%(place)s: “%(value)s” is no %(key)s that we know. Known are: %(known)s.")


class FormCodeMalformed(InputWrong):
    sentence = N_(
        "code: please write 2 to 40 small letters, digits and _, beginning with a letter; the file has “%(value)s”."
    )


FORM = {"code": str, "title": dict, "intro": dict}
FORM_EXTRAS = {"minutes": int, "section": list}
SECTION = {"title": dict}
SECTION_EXTRAS = {"question": list}  # an unfinished draft may have none
QUESTION = {"code": str, "kind": str, "required": bool, "na": bool, "text": dict}
QUESTION_EXTRAS = {"dimension": str, "help": dict, "labels": dict, "options": list}
OPTION = {"code": str}
TEXT = dict.fromkeys(LANGUAGES, str)

Types = Mapping[str, type]


def check_shape(data: Mapping[str, object]) -> None:
    """Refuse what is no form, naming place and key."""
    _check_table(data, "[questionnaire]", FORM, FORM_EXTRAS)
    if not CODE_PATTERN.fullmatch(str(data["code"])):
        raise FormCodeMalformed(field="file", value=str(data["code"])[:60])
    _check_text(data, "title", "")
    _check_text(data, "intro", "")
    for number, section in enumerate(_list(data, "section"), 1):
        _check_section(section, f"section[{number}]")


def _check_section(section: object, place: str) -> None:
    table = _check_table(section, place, SECTION, SECTION_EXTRAS)
    _check_text(table, "title", place)
    for number, question in enumerate(_list(table, "question"), 1):
        _check_question(question, f"{place}.question[{number}]")


def _check_question(question: object, place: str) -> None:
    table = _check_table(question, place, QUESTION, QUESTION_EXTRAS)
    _check_code(table, "kind", Kind, place)
    _check_code(table, "dimension", Dimension, place)
    _check_text(table, "text", place)
    _check_text(table, "help", place)
    _check_labels(table, place)
    for number, option in enumerate(_list(table, "options"), 1):
        _check_table(option, f"{place}.options[{number}]", OPTION, TEXT)


def _check_table(table: object, place: str, needed: Types, extras: Types) -> Mapping[str, object]:
    if not isinstance(table, Mapping):
        raise ValueUnfit(field="file", place=place, key=place)
    known = {**needed, **extras}
    for key in needed:
        if key not in table:
            raise KeyMissing(field="file", place=place, key=key)
    for key, value in table.items():
        if key not in known:
            raise KeyUnknown(field="file", place=place, key=key[:60], known=_join(known))
        if type(value) is not known[key]:  # a bool is an int to isinstance
            raise ValueUnfit(field="file", place=place, key=key)
    return table


def _check_text(table: Mapping[str, object], key: str, place: str) -> None:
    if key in table:  # a language may be missing: the check list says so
        _check_table(table[key], f"{place}.{key}".lstrip("."), {}, TEXT)


def _check_labels(table: Mapping[str, object], place: str) -> None:
    labels = table.get("labels")
    if labels is None:
        return
    for language, row in _check_table(labels, f"{place}.labels", dict.fromkeys(LANGUAGES, list), {}).items():
        if not isinstance(row, list) or len(row) != LABEL_COUNT or not all(isinstance(one, str) for one in row):
            raise ValueUnfit(field="file", place=f"{place}.labels", key=language)


def _check_code(table: Mapping[str, object], key: str, codes: type[StrEnum], place: str) -> None:
    if key in table and table[key] not in set(codes):
        raise ValueUnknown(field="file", place=place, key=key, value=str(table[key])[:60], known=_join(codes))


def _list(table: Mapping[str, object], key: str) -> list[object]:
    found = table.get(key, [])
    return found if isinstance(found, list) else []


def _join(words: Iterable[str]) -> str:
    return ", ".join(words)
