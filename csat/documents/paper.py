"""The questionnaire as a form to fill in by hand, in one language or both: with link and code, or as a sample (P5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from zoneinfo import ZoneInfo

from csat.adapters import pdf as adapter
from csat.adapters import qrcode
from csat.config import LOCALES, PROJECT_ROOT
from csat.documents.filled.answers import RATING_LABELS
from csat.documents.locale_format import LocaleFormat
from csat.documents.rendering import render_template
from csat.models.asking import Campaign, Naming
from csat.models.base import Localised
from csat.models.questionnaires import Kind, Question
from csat.procedure.campaigns.links import SurveyRequest, build_survey_request
from csat.procedure.campaigns.paper_forms import PrintedForm
from csat.procedure.campaigns.promise import build_paper_promise
from csat.procedure.questionnaires.questionnaires import questions_of
from csat.words import N_

BOTH_LANGUAGES, CONTACTS_LANGUAGE = "both", "own"
Lines = tuple[tuple[str, str], ...]  # a text, line by line: (its language as HTML names it, words)


@dataclass(frozen=True)
class PaperQuestion:
    """A question with its boxes: (figure or '', words)."""

    number: int
    kind: Kind
    text: Lines
    help: Lines
    choices: tuple[tuple[str, Lines], ...]
    offers_na: bool


@dataclass(frozen=True)
class PaperSection:
    """Some questions under a title."""

    title: Lines
    questions: tuple[PaperQuestion, ...]


@dataclass(frozen=True)
class PaperSurvey:
    """A questionnaire to print: a version's, or what a draft has become."""

    title: Localised
    intro: Localised
    questions: Sequence[Question]


@dataclass(frozen=True)
class PaperHandling:
    """What makes a sheet a form that counts: its secrets, whose it is, what is promised, and until when."""

    campaign: Campaign
    code: str
    address: str
    picture: str
    typed_at: str
    whom: Lines
    occasion: Lines
    until: Lines
    promise: tuple[Lines, ...]


class PaperVoice:
    """Says everything in the languages of a form, one under the other."""

    def __init__(self, languages: Sequence[str], zone: ZoneInfo) -> None:
        self.tongues = [LocaleFormat(language, zone) for language in languages]

    def say(self, msgid: str, **facts: object) -> Lines:
        """A sentence of ours; a fact that differs by language comes as a dict by language."""
        return tuple((one.html, one.texts.gettext(msgid) % self._facts(one, facts)) for one in self.tongues)

    def text(self, localised: dict[str, str]) -> Lines:
        """A text that is kept in both languages; what is not written yet leaves no line."""
        return tuple((one.html, one.text(localised)) for one in self.tongues if one.text(localised))

    def by_language(self, spoken: dict[str, str]) -> Lines:
        """Words made for each language."""
        lines = {spoken[one.language]: one.html for one in reversed(self.tongues)}  # a name in one language once
        return tuple((html, words) for words, html in reversed(lines.items()))

    def _facts(self, tongue: LocaleFormat, facts: dict[str, object]) -> dict[str, object]:
        return {name: fact[tongue.language] if isinstance(fact, dict) else fact for name, fact in facts.items()}


def list_languages(chosen: str) -> tuple[str, ...]:
    """The languages of a form: one of ours, or all of them."""
    return tuple(LOCALES) if chosen == BOTH_LANGUAGES else (chosen,)


def render_sample(survey: PaperSurvey, languages: Sequence[str], provider: Localised, zone: ZoneInfo) -> bytes:
    """The form without link and code: to look at, not to hand out."""
    return adapter.render_each([_render_form(survey, PaperVoice(languages, zone), provider, None)], _STYLE)


def render_forms(
    forms: Iterable[tuple[PaperSurvey, PaperHandling, Sequence[str]]],
    provider: Localised,
    zone: ZoneInfo,
    reached: adapter.PagesDone = lambda done, of: None,
) -> bytes:
    """Forms to hand out, each with pages of its own. They carry the links: no copy of this file is kept."""
    pages = [
        _render_form(survey, PaperVoice(languages, zone), provider, handling) for survey, handling, languages in forms
    ]
    return adapter.render_each(pages, _STYLE, reached)


def prepare_forms(
    campaign: Campaign, made: Iterable[PrintedForm], chosen: str, base_url: str, zone: ZoneInfo, with_name: bool
) -> list[tuple[PaperSurvey, PaperHandling, Sequence[str]]]:
    """What stands on each of these forms, in the chosen language or in each contact's own."""
    version, forms = campaign.version, list[tuple[PaperSurvey, PaperHandling, Sequence[str]]]()
    survey = PaperSurvey(version.title, version.intro, questions_of(version))
    for one in made:
        asked = build_survey_request(one.invitation)
        own = asked.language if asked.language in LOCALES else LOCALES[0]
        languages = list_languages(own if chosen == CONTACTS_LANGUAGE else chosen)
        typed_at = f"{base_url}/s/"
        handling = build_handling(one, asked, f"{typed_at}{one.token}", typed_at, languages, zone, with_name)
        forms.append((survey, handling, languages))
    return forms


def build_handling(
    form: PrintedForm,
    asked: SurveyRequest,
    address: str,
    typed_at: str,
    languages: Sequence[str],
    zone: ZoneInfo,
    with_name: bool = False,
) -> PaperHandling:
    """What stands on the form of an invitation; the contact's name only if asked for."""
    voice, campaign, contact = PaperVoice(languages, zone), asked.campaign, form.invitation.contact
    day = {one.language: one.day(campaign.last_moment.isoformat()) for one in voice.tongues}
    name = [contact.name] if with_name and contact else []
    return PaperHandling(
        campaign=campaign,
        code=form.code,
        address=address,
        picture=qrcode.make_data_uri(address),
        typed_at=typed_at.removeprefix("https://"),
        whom=voice.by_language({one.language: " · ".join([one.name(asked.client), *name]) for one in voice.tongues}),
        occasion=voice.by_language({one.language: _name_occasion(campaign, one) for one in voice.tongues}),
        until=voice.say(N_("Last day: %(day)s"), day=day),
        promise=tuple(
            voice.say(sentence, **{**facts, **({"date": day} if "date" in facts else {})})
            for sentence, facts in build_paper_promise(asked)
        ),
    )


_STYLE = PROJECT_ROOT / "static" / "paper.css"


def _render_form(survey: PaperSurvey, voice: PaperVoice, provider: Localised, handling: PaperHandling | None) -> str:
    first = voice.tongues[0]
    return render_template(
        "documents/paper/form.html",
        first.language,
        lang=first.html,
        title=first.text(survey.title),
        heading=voice.text(survey.title),
        intro=voice.text(survey.intro),
        provider=voice.text(provider) if provider else (),
        sections=_build_sections(survey.questions, voice),
        say=voice.say,
        form=handling,
        naming=handling.campaign.naming if handling else Naming.BOTH,
        code=handling.code if handling else "",
        pages=_split_page_words(first.texts.gettext(N_("Page %(page)s of %(pages)s"))),
    )


def _split_page_words(sentence: str) -> list[str]:
    """What stands before, between and after the two numbers, which only the renderer knows."""
    return (sentence % {"page": "|", "pages": "|"}).split("|")


def _name_occasion(campaign: Campaign, tongue: LocaleFormat) -> str:
    return " · ".join(filter(None, [campaign.title, tongue.quarter(campaign.quarter)]))


def _build_sections(questions: Sequence[Question], voice: PaperVoice) -> list[PaperSection]:
    numbered = groupby(enumerate(questions, 1), lambda one: one[1].section)
    return [
        PaperSection(voice.text(title), tuple(_build_question(*one, voice) for one in group))
        for title, group in numbered
    ]


def _build_question(number: int, question: Question, voice: PaperVoice) -> PaperQuestion:
    return PaperQuestion(
        number=number,
        kind=question.kind,
        text=voice.text(question.text),
        help=voice.text(question.help),
        choices=tuple(_list_choices(question, voice)),
        offers_na=question.offers_na,
    )


def _list_choices(question: Question, voice: PaperVoice) -> Iterable[tuple[str, Lines]]:
    if question.kind == Kind.RATING:
        own = question.labels
        for place, label in enumerate(RATING_LABELS):
            words = voice.text({language: own[language][place] for language in own}) if own else voice.say(label)
            yield str(place + 1), words
    elif question.kind == Kind.RECOMMEND:
        yield from ((str(number), ()) for number in range(11))
    elif question.kind == Kind.YES_NO:
        yield from (("", voice.say(N_("Yes"))), ("", voice.say(N_("No"))))
    else:
        yield from (("", voice.text(Localised(option))) for option in question.options or ())
