"""Forms as chance makes them: any that can be typed, and some of which many could be published."""

from __future__ import annotations

from hypothesis import strategies as st

from csat.models.base import Localised
from csat.models.questionnaires import Dimension, Kind
from csat.procedure.questionnaires.content import CHOICES, FormContent, OptionContent, QuestionContent, SectionContent

characters = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
texts = st.builds(lambda zh, en: Localised(zh=zh, en=en), characters, characters)
options = st.lists(st.builds(OptionContent, characters, texts), max_size=3).map(tuple)
questions = st.builds(
    QuestionContent,
    code=characters,
    kind=st.sampled_from(Kind),
    dimension=st.none() | st.sampled_from(Dimension),
    text=texts,
    help=texts,
    required=st.booleans(),
    offers_na=st.booleans(),
    labels=st.just(()) | st.lists(texts, min_size=5, max_size=5).map(tuple),
    options=options,
)
sections = st.lists(
    st.builds(SectionContent, title=texts, questions=st.lists(questions, max_size=3).map(tuple)), max_size=3
).map(tuple)
any_forms = st.builds(FormContent, st.just("training"), texts, texts, sections)

# Words as people type them, seldom blank; codes that seldom meet.
typed = st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1, max_size=20)
said = st.builds(lambda zh, en: Localised(zh=zh, en=en), typed, typed)
codes = st.from_regex(r"[a-z][a-z0-9_]{3,12}", fullmatch=True)
choices = st.lists(st.builds(OptionContent, codes, said), min_size=1, max_size=4).map(tuple)


def _question(kind: Kind, dimension: Dimension | None, **more: object) -> st.SearchStrategy[QuestionContent]:
    fixed = {"kind": st.just(kind), "dimension": st.just(dimension), "code": codes, "text": said}
    return st.builds(QuestionContent, **fixed, labels=st.just(()), **more)


overall = _question(Kind.RATING, Dimension.OVERALL, required=st.just(True), offers_na=st.just(False))
others = st.one_of(
    *(_question(kind, None, required=st.booleans(), offers_na=st.just(False), options=choices) for kind in CHOICES),
    *(_question(kind, None, required=st.booleans(), offers_na=st.just(False)) for kind in (Kind.YES_NO, Kind.TEXT)),
    _question(Kind.RECOMMEND, None, required=st.booleans(), offers_na=st.booleans()),
    _question(Kind.RATING, Dimension.VALUE, required=st.booleans(), offers_na=st.booleans()),
)
likely_forms = st.builds(
    lambda title, intro, first, more: FormContent(
        "training", title, intro, (SectionContent(title=title, questions=(first, *more)),)
    ),
    said,
    said,
    overall,
    st.lists(others, max_size=5),
)
