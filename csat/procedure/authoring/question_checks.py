"""Checks of a form's questions: codes, kinds, dimensions, options; and what the procedure needs of its own forms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from csat.models.questionnaires import Dimension, Kind
from csat.procedure.authoring.checks import Check, passed, wrong
from csat.procedure.authoring.drafts import CODE_PATTERN
from csat.procedure.authoring.limits import LABEL_COUNT, MAX_OPTIONS, MAX_QUESTIONS, OPTION_PATTERN
from csat.procedure.questionnaires.answers import NOT_APPLICABLE_CODE
from csat.procedure.questionnaires.content import CHOICES, LANGUAGES, FormContent, QuestionContent
from csat.procedure.questionnaires.questionnaires import CHECK_CODE, HANDLING, SOLVED
from csat.words import N_

CODES_WELL = N_("Every question has its own code.")
CODE_WRONG = N_(
    "Question %(number)s: please give it a code of 2 to 40 small letters, digits and _, beginning with a letter."
)
CODE_TWICE = N_("Code “%(code)s” is used twice. Please give each question a code of its own.")
ONE_OVERALL = N_("Exactly one question asks for the overall satisfaction.")
NO_OVERALL = N_("No question asks for the overall satisfaction. Please add a rating with the dimension “Overall”.")
MANY_OVERALL = N_("%(n)s questions have the dimension “Overall”; exactly one is needed. Please change the others.")
OVERALL_OPTIONAL = N_(
    "Question %(number)s asks for the overall satisfaction: please make it required, without “not applicable”."
)
NO_DIMENSION = N_(
    "Question %(number)s is a rating without a dimension: nobody could group its answers. Please choose one."
)
FEW_OPTIONS = N_("Question %(number)s needs at least two options to choose from.")
MANY_OPTIONS = N_("Question %(number)s has more than %(most)s options. Please shorten the list.")
OPTION_CODE_WRONG = N_(
    "Question %(number)s, option %(part)s: please give it a code of small letters, digits and _ (not “na”)."
)
OPTION_TWICE = N_("Question %(number)s: option code “%(option)s” is used twice. Please give each option its own.")
OPTION_TEXT_TWICE = N_("Question %(number)s: two options read the same (“%(text)s”). Please tell them apart.")
LABELS_WRONG = N_("Question %(number)s: a scale has five labels, or none of its own.")
TEXT_NA = N_("Question %(number)s asks for words: it can be left blank, so please take away “not applicable”.")
QUESTIONS_FEW = N_("%(n)s questions: at most %(most)s fit.")
QUESTIONS_MANY = N_("%(n)s questions are too many: at most %(most)s fit. Please remove some.")
SECTION_EMPTY = N_("Section %(number)s has no question. Please add one, or remove the section.")
SECTIONS_SAME = N_("Sections %(number)s and %(other)s have the same title. Please tell them apart, or join them.")
CHECK_FIRST = N_("The check after closing begins with “solved”, yes or no and required: the repeats are found by it.")
CHECK_HANDLING = N_("The check after closing needs “handling”, a required rating: it is the evidence of the handling.")
CHECK_OVERALL = N_("The check after closing asks about one matter: it has no question with the dimension “Overall”.")
CHECK_WELL = N_("The check has the two questions that the procedure reads.")


def check_questions(form: FormContent) -> Iterator[Check]:
    """All that concerns questions and sections, but for their words and their history."""
    yield from _check_codes(form)
    yield from _check_standing_check(form) if form.code == CHECK_CODE else _check_overall(form)
    for number, question in enumerate(form.questions, 1):
        yield from _check_question(question, number)
    yield from _check_sections(form)
    yield _count_questions(form)


def _check_codes(form: FormContent) -> Iterator[Check]:
    found = []
    for number, question in enumerate(form.questions, 1):
        if not CODE_PATTERN.fullmatch(question.code):
            found.append(wrong(CODE_WRONG, question.key, "code", number=number))
    found += [
        wrong(CODE_TWICE, _last_key(form.questions, code), "code", code=code)
        for code in _find_repeated(question.code for question in form.questions)
    ]
    yield from found or [passed(CODES_WELL)]


def _last_key(questions: list[QuestionContent], code: str) -> str:
    return [question.key for question in questions if question.code == code][-1]


def _find_repeated(codes: Iterable[str]) -> list[str]:
    return [code for code, n in Counter(codes).items() if n > 1 and code]


def _check_overall(form: FormContent) -> Iterator[Check]:
    found = [(n, one) for n, one in enumerate(form.questions, 1) if one.dimension == Dimension.OVERALL]
    if len(found) != 1:
        yield wrong(MANY_OVERALL, found[-1][1].key, "dimension", n=len(found)) if found else wrong(NO_OVERALL)
        return
    number, question = found[0]
    field = "na" if question.required else "required"
    whole = question.required and not question.offers_na
    yield passed(ONE_OVERALL) if whole else wrong(OVERALL_OPTIONAL, question.key, field, number=number)


def _check_standing_check(form: FormContent) -> Iterator[Check]:
    """What repeats (P4), evidence (I5) and the feedback's page read of the check after closing."""
    known = {question.code: question for question in form.questions}
    solved, handling = known.get(SOLVED), known.get(HANDLING)
    found = []
    if form.questions[:1] != [solved] or not solved or solved.kind != Kind.YES_NO or not solved.required:
        found.append(wrong(CHECK_FIRST, solved.key if solved else ""))
    if not handling or handling.kind != Kind.RATING or not handling.required:
        found.append(wrong(CHECK_HANDLING, handling.key if handling else ""))
    found += [wrong(CHECK_OVERALL, one.key) for one in form.questions if one.dimension == Dimension.OVERALL]
    yield from found or [passed(CHECK_WELL)]


def _check_question(question: QuestionContent, number: int) -> Iterator[Check]:
    if question.kind == Kind.RATING and question.dimension is None:
        yield wrong(NO_DIMENSION, question.key, "dimension", number=number)
    if question.kind == Kind.TEXT and question.offers_na:
        yield wrong(TEXT_NA, question.key, "na", number=number)
    if question.kind == Kind.RATING and len(question.labels) not in (0, LABEL_COUNT):
        yield wrong(LABELS_WRONG, question.key, number=number)
    if question.kind in CHOICES:
        yield from _check_options(question, number)


def _check_options(question: QuestionContent, number: int) -> Iterator[Check]:
    if len(question.options) < 2:
        yield wrong(FEW_OPTIONS, question.key, "options", number=number)
    if len(question.options) > MAX_OPTIONS:
        yield wrong(MANY_OPTIONS, question.key, "options", number=number, most=MAX_OPTIONS)
    for part, option in enumerate(question.options, 1):
        if not OPTION_PATTERN.fullmatch(option.code) or option.code == NOT_APPLICABLE_CODE:
            yield wrong(OPTION_CODE_WRONG, question.key, f"option_{part - 1}_code", number=number, part=part)
    codes = [option.code for option in question.options]
    for code in _find_repeated(codes):
        yield wrong(OPTION_TWICE, question.key, f"option_{_find_last(codes, code)}_code", number=number, option=code)
    for language in LANGUAGES:
        texts = [option.text.get(language, "").strip() for option in question.options]
        for text in _find_repeated(texts):
            field = f"option_{_find_last(texts, text)}_{language}"
            yield wrong(OPTION_TEXT_TWICE, question.key, field, number=number, text=text)


def _find_last(texts: list[str], text: str) -> int:
    return len(texts) - 1 - texts[::-1].index(text)


def _check_sections(form: FormContent) -> Iterator[Check]:
    seen: dict[str, int] = {}
    for number, section in enumerate(form.sections, 1):
        if not section.questions:
            yield wrong(SECTION_EMPTY, section.key, number=number)
        for language in LANGUAGES:
            title = section.title.get(language, "").strip()
            other = seen.setdefault(f"{language}:{title}", number)
            if title and other != number:
                yield wrong(SECTIONS_SAME, section.key, f"title_{language}", number=other, other=number)


def _count_questions(form: FormContent) -> Check:
    n = len(form.questions)
    if n > MAX_QUESTIONS:
        return wrong(QUESTIONS_MANY, n=n, most=MAX_QUESTIONS)
    return passed(QUESTIONS_FEW, n=n, most=MAX_QUESTIONS)
