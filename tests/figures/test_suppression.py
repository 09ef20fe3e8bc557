"""F4 against an attacker who adds and subtracts whatever a quarter shows, and knows every named answer."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from itertools import combinations
from random import Random
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csat.figures import cube, suppression
from csat.figures.audience import Audience
from csat.figures.cells import CellCount, CellKey, QuarterCube, World
from csat.figures.labels import ClientIndex, QuestionIndex, client_key
from csat.figures.quarterly import compute_quarter_figures
from csat.figures.types import QuarterFigures
from csat.models.answers import Answer, Response, Verdict
from csat.models.asking import Channel
from csat.models.clients import Client, Tier
from csat.models.questionnaires import Dimension, Kind
from csat.procedure.clients import clients
from csat.procedure.review import tally
from tests.builders import NOW, a_client
from tests.figures.stores import Q3, a_random_store, a_response, figures_now

K = 3
People = frozenset[int]


# --- the attacker ------------------------------------------------------------------------------------


class Attacker:
    """Solves what shows, as equations over single anonymous people, with exact fractions."""

    def __init__(self, shown: list[People]) -> None:
        self.rows: dict[int, dict[int, Fraction]] = {}
        for group in shown:
            rest = self._reduced(group)
            if rest:
                pivot = min(rest)
                self.rows[pivot] = {at: value / rest[pivot] for at, value in rest.items()}

    def knows(self, group: People) -> bool:
        """Whether the sum over a group follows from what shows."""
        return not self._reduced(group)

    def _reduced(self, group: People) -> dict[int, Fraction]:
        rest = {person: Fraction(1) for person in group}
        for pivot in sorted(self.rows):  # a row begins at its pivot, so later ones are still to come
            if factor := rest.get(pivot):
                for at, value in self.rows[pivot].items():
                    rest[at] = rest.get(at, Fraction(0)) - factor * value
                    if not rest[at]:
                        del rest[at]
        return rest


def attack(shown: dict[str, People], groups: list[People]) -> list[People]:
    """The groups of one or two people whose sum an attacker can work out."""
    attacker = Attacker([people for people in shown.values() if people])
    small = {group for group in groups if 0 < len(group) < K}
    for one, other in combinations(shown.values(), 2):
        small |= {rest for rest in (one - other, other - one) if 0 < len(rest) < K}
    return [group for group in small if attacker.knows(group)]


def groups_by(attributes: dict[int, tuple]) -> list[People]:
    """Everybody by every choice of attributes."""
    found: dict[tuple, set[int]] = defaultdict(set)
    width = len(next(iter(attributes.values()), ()))
    for size in range(1, width + 1):
        for chosen in combinations(range(width), size):
            for person, values in attributes.items():
                found[(chosen, *(values[at] for at in chosen))].add(person)
    return [frozenset(people) for people in found.values()]


# --- one answer, whatever the order ------------------------------------------------------------------


@pytest.mark.parametrize("seed", [9, 10, 24, 27])
def test_what_is_hidden_does_not_depend_on_the_order_in_which_rows_are_read(db, seed):
    """Else two readings of one quarter could hide differently, and each show what the other hides (F4)."""
    a_random_store(seed)
    tally.rebuild_tally()
    cells, dice = (
        cube.count_cells([20263], ClientIndex(), QuestionIndex(), Audience.RESPONSE_READERS)[20263],
        Random(seed),
    )
    hidden = suppression.find_hidden_cells(cells, K)
    for _ in range(6):
        assert suppression.find_hidden_cells(in_another_order(cells, dice), K) == hidden


def in_another_order(cells: QuarterCube, dice: Random) -> QuarterCube:
    def shuffled(counted: dict) -> dict:
        return dict(dice.sample(list(counted.items()), len(counted)))

    worlds = {
        name: World(shuffled(world.cells), Counter(shuffled(world.people)), Counter(shuffled(world.answers)))
        for name, world in cells.worlds.items()
    }
    return QuarterCube(shuffled(worlds))


# --- what a whole quarter shows ----------------------------------------------------------------------


def all_cells(figures: QuarterFigures) -> Iterator[tuple[str, bool]]:
    """Every cell of the overall ratings: (id, hidden)."""
    for row in (figures.satisfaction, *figures.clients, *figures.tiers, *figures.questionnaires, *figures.channels):
        yield row.rate.id, row.rate.hidden
    for cell in figures.clients_by_questionnaire:
        yield cell["rate"].id, cell["rate"].hidden
    for row in figures.questions:
        if row.dimension == Dimension.OVERALL:
            yield row.rate.id, row.rate.hidden
    yield from parts_of_cells(figures)


def parts_of_cells(figures: QuarterFigures) -> Iterator[tuple[str, bool]]:
    """Telephone and link beside each rate that mixes them, and the rows of who is on the staff."""
    overall = [row for row in figures.questions if row.dimension == Dimension.OVERALL]
    mixed = (figures.satisfaction, *figures.clients, *figures.tiers, *figures.questionnaires, *overall)
    staff = (*figures.managers, *figures.departments, *figures.engineers)
    for row in (*mixed, *staff):
        for part in (row.spoken, row.linked):
            if part is not None:
                yield part.id, part.hidden
    for row in staff:
        yield row.rate.id, row.rate.hidden


STAFF = ("manager", "department", "engineer")
SPOKEN = ("telephone", "interview")


def anonymous_overall() -> dict[int, tuple]:
    """Who gave an anonymous overall rating this quarter: person → client, questionnaire, channel, tier."""
    rows = (
        Answer.select(Answer, Response)
        .join(Response)
        .where(Response.quarter == int(Q3), Response.anonymous, Response.verdict == Verdict.VALID)
    )
    found = {}
    for answer in rows:
        response = answer.response
        if answer.question.dimension != Dimension.OVERALL or answer.value is None:
            continue
        client = response.client and (response.client.counts_as or response.client)
        key, tier = (str(client.id), str(client.tier)) if client else ("none", "none")
        found[response.id] = (key, response.version.questionnaire.code, str(response.channel), tier)
    return found


def members(cell: str, who: dict[int, tuple]) -> People:
    """The anonymous people of a cell of overall ratings, by its id alone."""
    parts = cell.split("/")
    if parts[0] == "question":
        parts = ["satisfaction", "questionnaire", parts[1], *parts[3:]]
    if any(cut in parts for cut in STAFF):
        return frozenset()  # who is anonymous carries nobody; test_analysis counts these rows by hand
    if parts[-1] == "telephone" and len(parts) % 2 == 0:
        part = [person for person, values in who.items() if values[2] in SPOKEN]
        return members("/".join(parts[:-1]), {person: who[person] for person in part})
    if parts[-1] == "link" and len(parts) % 2 == 0:
        part = [person for person, values in who.items() if values[2] not in SPOKEN]
        return members("/".join(parts[:-1]), {person: who[person] for person in part})
    wanted = dict(zip(parts[1::2], parts[2::2], strict=True))
    order = ("client", "questionnaire", "channel", "tier")
    return frozenset(
        person
        for person, values in who.items()
        if all(values[order.index(name)] == value for name, value in wanted.items())
    )


@pytest.mark.parametrize("seed", range(25))
def test_no_small_group_follows_from_what_a_quarter_shows(db, zone, seed):
    a_random_store(seed, responses=Random(seed).choice([20, 60, 120]))
    tally.rebuild_tally()
    figures, who = compute_quarter_figures(Q3, NOW, zone, Audience.RESPONSE_READERS), anonymous_overall()

    shown = {cell: members(cell, who) for cell, hidden in all_cells(figures) if not hidden}

    assert attack(shown, groups_by(who)) == []
    assert all(len(people) == 0 or len(people) >= K for people in shown.values())


@pytest.mark.parametrize("seed", range(25))
def test_the_quarter_before_shows_what_it_showed_itself(db, zone, seed):
    a_random_store(seed)
    tally.rebuild_tally()
    now, before = (
        compute_quarter_figures(Q3, NOW, zone, Audience.RESPONSE_READERS),
        compute_quarter_figures(Q3.plus(-1), NOW, zone, Audience.RESPONSE_READERS),
    )
    itself = {row.key: row.rate for row in before.clients}
    for row in now.clients:
        if row.key in itself:
            assert (row.before.value, row.before.hidden) == (itself[row.key].value, itself[row.key].hidden)
    assert now.trend[-2].rate.value == before.satisfaction.rate.value


# --- deeper, without a store -------------------------------------------------------------------------

PEOPLE = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.sampled_from(["company", "incident", "service"]),
        st.sampled_from(["link", "slip"]),
        st.sets(st.sampled_from(["a", "b", "c"]), min_size=0, max_size=3),
    ),
    max_size=25,
)


class FiveClients:
    """Clients without a store: 1 and 2 are core, the others ordinary."""

    def root(self, key: int) -> int:
        return key

    def tier(self, key: int, quarter: int) -> str:
        return "" if not key else "core" if key < 3 else "ordinary"


def counted(people: list[tuple]) -> QuarterCube:
    """The cells of anonymous people; each answered some questions of one dimension."""
    found, clients = QuarterCube(), FiveClients()
    for client, form, channel, codes in people:
        row = {
            "client": client,
            "quarter": 20263,
            "questionnaire": form,
            "anonymous": True,
            "spoken": False,
            "ratings": 1,
            "good": 1,
            "total": 5,
        }
        cube._add_overall(found, SimpleNamespace(**row, channel=channel), clients)
        for code in codes:
            row_ = SimpleNamespace(**row, question=f"{form}_{code}", dimension="timeliness")
            cube._add_rating(found, row_, clients)
        if codes:
            cube._add_responses(found, SimpleNamespace(**row, dimension="timeliness", n=1), clients)
    return found


# --- rule by rule: exactly these cells are hidden, and no others -----------------------------------------


def some(n: int, client: int, form: str = "company", channel: str = "link", codes: str = "") -> list[tuple]:
    """So many people of a client, alike; 1 and 2 are core, the others ordinary, 0 is none."""
    return [(client, form, channel, set(codes))] * n


def of_clients(*keys: object) -> set[str]:
    """Clients that are hidden everywhere, being asked with one questionnaire only."""
    return {f"client/{key}{more}" for key in keys for more in ("", "/questionnaire/company")}


HIDDEN: dict[str, tuple[list[tuple], set[str]]] = {
    "nobody gave an anonymous answer": ([], set()),
    "k people show": (some(3, 1), set()),
    "fewer show nowhere": (some(2, 1), {"", "channel/link", "questionnaire/company", "tier/core"} | of_clients(1)),
    "the rest of a tier would tell a small client: the smallest other one goes too": (
        some(2, 1) + some(5, 2) + some(4, 3),
        of_clients(1, 2),
    ),
    "two small clients hide each other": (some(2, 1) + some(2, 2) + some(5, 3), of_clients(1, 2)),
    "one each is still too few together": (
        some(1, 1) + some(1, 2) + some(6, 3),
        of_clients(1, 2, 3) | {"tier/core", "tier/ordinary"},
    ),
    "the cheapest is the smallest of the finest cut": (
        some(2, 1) + some(6, 2) + some(4, 3) + some(5, 4),
        of_clients(1, 2),
    ),
    "a small channel takes the other one along, and the clients that would tell it": (
        some(2, 1, channel="slip") + some(5, 1) + some(4, 3),
        {"channel/link", "channel/slip"} | of_clients(1, 3),
    ),
    "what a client said in one form follows from the other": (
        some(2, 1, "service") + some(5, 1) + some(4, 3) + some(4, 3, "service"),
        {f"client/{client}/questionnaire/{form}" for client in (1, 3) for form in ("company", "service")},
    ),
    "what one cell has beside its share of another is too few": (
        some(3, 1) + some(1, 0) + some(1, 4) + some(5, 3, "service", "slip"),
        {"channel/link", "channel/slip", "tier/core", "tier/none", "tier/ordinary"}
        | {"client/3", "client/3/questionnaire/service"}
        | of_clients(1, 4, "none"),
    ),
    "who stays unnamed is a client like others": (
        some(2, 0) + some(5, 1),
        {"tier/core", "tier/none"} | of_clients("none", 1),
    ),
}


@pytest.mark.parametrize(("people", "hidden"), HIDDEN.values(), ids=HIDDEN)
def test_exactly_what_must_not_show_is_hidden(people, hidden):
    expected = {f"satisfaction/{cell}".rstrip("/") for cell in hidden}
    assert suppression.find_hidden_cells(counted(people), K) == expected


def test_what_holds_named_answers_only_shows_even_of_a_hidden_client():
    found = counted(some(2, 1) + some(5, 2) + some(4, 3))
    named = {"client": 1, "quarter": 20263, "questionnaire": "service", "channel": "link", "spoken": False}
    row = SimpleNamespace(**named, anonymous=False, ratings=4, good=4, total=20)
    cube._add_overall(found, row, FiveClients())
    hidden = suppression.find_hidden_cells(found, K)
    assert hidden == {f"satisfaction/{cell}" for cell in of_clients(1, 2)}


def test_a_hidden_client_or_form_is_hidden_in_every_dimension():
    """Even where enough of its people rated the dimension to show it by itself."""
    people = some(2, 1) + some(5, 2, codes="a") + some(4, 3, codes="a")
    hidden = suppression.find_hidden_cells(counted(people), K)
    assert hidden == {f"satisfaction/{cell}" for cell in of_clients(1, 2)} | {"dimension/timeliness/client/2"}
    few = suppression.find_hidden_cells(counted(some(9, 1, codes="a") + some(2, 1, "service", codes="a")), K)
    assert {"satisfaction/questionnaire/service", "question/service/service_a"} <= few


def test_few_answers_to_a_question_are_few_however_many_people_answered_others():
    """Two of client 1 answered b; question b less clients 2 and 3, who answered nothing else, would tell them."""
    people = some(3, 1, codes="ad") + some(2, 1, codes="abd") + some(3, 2, codes="b") + some(3, 3, codes="b")
    hidden = suppression.find_hidden_cells(counted(people), K)
    assert hidden & {"question/company/company_b", *(f"dimension/timeliness/client/{one}" for one in (2, 3))}


def test_what_a_question_has_beside_a_client_is_too_few_by_answers_not_by_people():
    """One of five of client 3 and of client 4 answered b; question b less client 5 would tell the two."""
    people = [one for client in (3, 4) for n, codes in ((4, "a"), (1, "ab")) for one in some(n, client, codes=codes)]
    hidden = suppression.find_hidden_cells(counted(people + some(3, 5, codes="b")), K)
    assert hidden & {"question/company/company_b", "dimension/timeliness/client/5"}


def test_a_small_group_by_form_and_way_and_tier_is_found():
    """Slips less clients 1 and 5 would be the two slips about the service of ordinary clients."""
    people = [
        one for client in (3, 4) for n, way in ((4, "link"), (1, "slip")) for one in some(n, client, "service", way)
    ]
    people += some(3, 1, "service", "slip") + some(3, 5, "incident", "slip")
    hidden = suppression.find_hidden_cells(counted(people), K)
    assert hidden & {"satisfaction/channel/slip", "satisfaction/client/1", "satisfaction/client/5"}


@pytest.mark.parametrize("world", ["overall", "timeliness"])
def test_what_a_cell_has_beside_another_is_looked_at_for_every_two_cells_that_share_something(world):
    people = some(3, 1, codes="a") + some(2, 1, codes="ab") + some(4, 3, codes="ab") + some(1, 4, codes="b")
    people += (
        some(1, 0, "service", "slip", "a") + some(2, 3, "service", "slip", "a") + some(4, 2, "incident", codes="ab")
    )
    found = counted(people).worlds[world]
    cells = [cell.atoms for cell in found.cells.values()]
    rests = {frozenset(one - other) for one in cells for other in cells if one & other}
    few = {rest for rest in rests if 0 < min(suppression._people(found, rest, by) for by in (True, False)) < K}
    assert {frozenset(one) for one in suppression._remainders(found, found.cells, K)} == few
    assert len(few) >= 2


def test_what_two_people_said_to_several_questions_is_too_few_together():
    cells = counted(some(2, 1, codes="ab") + some(3, 3, codes="c")).worlds["timeliness"]
    hidden = {"question/company/company_a", "question/company/company_b"}
    assert [len(one) for one in suppression._hidden_together(cells, cells.cells, hidden, K)] == [2]


@pytest.mark.parametrize(("anonymous", "few"), [(0, False), (1, True), (2, True), (3, False), (4, False)])
def test_none_or_k_may_show(anonymous, few):
    assert suppression.is_too_few(anonymous, K) is few


def test_what_shows_is_solved_as_equations():
    """Sums, differences and what neither gives; each way names the cells it is made of, and no others."""
    a, b, c, d = atoms = [(client, "company", "link", "core") for client in range(4)]
    equations = suppression._Equations()
    for cell, parts in {"abc": (a, b, c), "bc": (b, c), "cd": (c, d), "again": (a, b, c)}.items():
        equations.add(cell, dict.fromkeys(parts, 1))
    assert equations.way_to({a: 1}).keys() == {"abc", "bc"}
    assert equations.way_to({a: 1, c: 1, d: 1}).keys() == {"abc", "bc", "cd"}
    assert equations.way_to(dict.fromkeys(atoms, 1)) is None and equations.way_to({b: 1}) is None
    half = equations.way_to({b: 2, c: 2})
    assert half == {"bc": suppression.PRIME - 2}  # what it is made of, taken away to nothing
    equations.add("b", {b: 1})
    assert equations.way_to({d: 1}).keys() == {"b", "bc", "cd"}
    twofold = suppression._Equations()
    twofold.add("two of a", {a: 2, b: 1})
    twofold.add("b", {b: 3})
    assert twofold.way_to({a: 1}).keys() == {"two of a", "b"}


def test_fine_cuts_go_before_coarse_ones_and_small_cells_before_large_ones():
    def price(cut: str, anonymous: int, cell: str = "x") -> tuple[int, int, str]:
        return suppression._price(cell, CellCount(CellKey(cell, cut), anonymous=anonymous))

    assert suppression.CUT_PRICES.index("client questionnaire") == 0  # the finest
    cuts = [price(cut, 9) for cut in (*suppression.CUT_PRICES, "")]  # the whole is dearest
    assert cuts == sorted(cuts) and len(set(cuts)) == 8
    assert price("client", 3) < price("client", 4) and price("client", 3, "a") < price("client", 3, "b")


@settings(max_examples=150)
@given(PEOPLE)
def test_overall_ratings_withstand_any_population(people):
    found = counted(people)
    hidden = suppression.find_hidden_cells(found, K)
    tiers = FiveClients()
    who = {at: (client_key(c), q, ch, tiers.tier(c, Q3) or "none") for at, (c, q, ch, _) in enumerate(people)}
    world = found.worlds["overall"].cells
    shown = {cell: members(cell, who) for cell in world if cell not in hidden}
    assert attack(shown, groups_by(who)) == []
    if len(people) >= K:
        assert "satisfaction" not in hidden  # the whole is never hidden for the sake of a part


@settings(max_examples=150)
@given(PEOPLE)
def test_ratings_of_a_dimension_withstand_any_population(people):
    found = counted(people)
    hidden = suppression.find_hidden_cells(found, K)
    answers = [(at, c, q, code) for at, (c, q, _, codes) in enumerate(people) for code in codes]
    numbers = {answer: number for number, answer in enumerate(answers)}
    shown = {}
    for cell in found.worlds["timeliness"].cells:
        kind, name, *rest = cell.split("/")
        if cell not in hidden:
            shown[cell] = frozenset(
                number
                for (_, c, q, code), number in numbers.items()
                if (kind == "dimension" and (not rest or rest[1] == client_key(c)))
                or (kind == "question" and (name, rest[0]) == (q, f"{q}_{code}"))
            )
    attacker = Attacker(list(shown.values()))
    groups: dict[tuple, set[tuple]] = defaultdict(set)
    for answer in answers:
        at, c, q, code = answer
        for key in [(c,), ("", q), ("", q, code), (c, q), (c, q, code)]:
            groups[key].add(answer)
    for group in groups.values():
        if len({at for at, *_ in group}) < K:
            assert not attacker.knows(frozenset(numbers[answer] for answer in group))


# --- stories -----------------------------------------------------------------------------------------


def test_one_client_with_two_anonymous_answers_takes_another_one_with_it(db, zone):
    small, middle, large = (a_client(name, tier=Tier.CORE) for name in ("小", "中", "大"))
    for client, number in ((small, 2), (middle, 4), (large, 9)):
        for _ in range(number):
            a_response(client=client, anonymous=True)

    figures = figures_now(zone)

    hidden = {row.name["zh"]: row.rate.hidden for row in figures.clients}
    assert hidden == {"小": True, "中": True, "大": False}
    assert figures.satisfaction.rate.n == 15
    shown = [cell for cell in figures.heat if not cell["rate"].hidden]
    assert {cell["client"] for cell in shown} == {str(large.id)}


def test_named_answers_never_hide_anything(db, zone):
    client = a_client()
    a_response(client=client, channel=Channel.TELEPHONE)
    figures = figures_now(zone)
    assert [row.rate.n for row in figures.clients] == [1]
    assert not any(hidden for _, hidden in all_cells(figures))


def test_two_anonymous_answers_in_a_whole_quarter_show_nowhere(db, zone):
    for _ in range(2):
        a_response(client=None, anonymous=True)
    figures = figures_now(zone)
    assert figures.satisfaction.rate.hidden
    assert figures.satisfaction.index.value is None
    assert figures.trend[-1].rate.hidden
    assert all(row.rate.hidden and row.distribution is None for row in figures.questions)
    assert all(one.correlation is None for one in figures.importance)


def test_a_rare_rating_after_many_not_applicable_is_hidden_with_one_more(db, zone):
    clients = [a_client(name) for name in ("一", "二")]
    for client in clients:
        for at in range(5):
            a_response("incident", client=client, anonymous=True, answers={"convenience": 5 if at < 2 else "na"})
    figures = figures_now(zone)
    cells_ = {(cell["client"], cell["dimension"]): cell["rate"].hidden for cell in figures.heat}
    assert all(cells_[(str(client.id), "convenience")] for client in clients)
    assert not any(cells_[(str(client.id), "timeliness")] for client in clients)


def test_recommendations_of_two_people_are_not_told(db, zone):
    for _ in range(2):
        a_response("company", anonymous=True, answers={"recommend": 10})
    for _ in range(9):
        a_response("incident", anonymous=True)
    figures = figures_now(zone)
    assert figures.recommend.hidden
    row = next(row for row in figures.questions if row.code == "recommend")
    assert row.kind == Kind.RECOMMEND
    assert row.distribution is None
    assert row.not_applicable is None


def test_merged_clients_are_one_cell(db, zone):
    whole, part = a_client("总行"), a_client("支行")
    part.counts_as = whole
    part.save()
    for client in (whole, part, part):
        a_response(client=client, anonymous=True)
    (row,) = figures_now(zone).clients
    assert (row.key, row.rate.n) == (str(whole.id), 3)
    assert Client.select().count() == 2


def test_a_client_changes_its_tier_in_figures_only_from_the_next_quarter_on(db, zone):
    """Else its hidden answers would move between shown cells, and the difference would tell them (F4)."""
    named = [a_client(name, tier=Tier.CORE) for name in "甲乙"]
    small = a_client("小", tier=Tier.CORE)
    for client in named:
        for _ in range(4):
            a_response(client=client)
    for value in (1, 2):
        a_response(client=small, anonymous=True, ratings=value)
    before = figures_now(zone)
    clients.change_client(small, "小", Tier.ORDINARY, "", "", None, NOW)
    after = compute_quarter_figures(Q3, NOW, zone, Audience.RESPONSE_READERS)
    assert after.tiers == before.tiers
    assert {row.key: row for row in after.clients} == {row.key: row for row in before.clients}
    ours = ClientIndex()
    assert ours.tier(small.id, 20263) == Tier.CORE and ours.tier(small.id, 20264) == Tier.ORDINARY
    clients.change_client(small, "小", Tier.IMPORTANT, "", "", None, NOW + timedelta(days=1))
    assert ClientIndex().tier(small.id, 20263) == Tier.CORE and ClientIndex().tier(small.id, 20264) == Tier.IMPORTANT
