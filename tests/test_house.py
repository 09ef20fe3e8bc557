"""The house keeps its shape: arrows run one way, tables match the migrations, the catalogue is whole."""

from __future__ import annotations

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from playhouse.migrations import Runner
from playhouse.schema_diff import diff_models

from csat import database, models
from csat.config import PROJECT_ROOT, ConfigurationWrong, load_config
from csat.terms import TERMS

PACKAGE = PROJECT_ROOT / "csat"

# room → what it may import of ours. What is not named here may not be imported.
GROUND = {"words", "clock", "config"}
RULES = {"procedure", "models", "database"}
SHOWING = RULES | GROUND | {"figures", "adapters", "translations", "terms"}
MAY_IMPORT = {
    "models": {"database", "words"},
    "database": set(),
    "procedure": {"models", "database", "content"} | GROUND,
    "figures": RULES | GROUND | {"terms", "translations"},
    "adapters": {"words", "config"},
    "documents": SHOWING | {"content"},
    "web": SHOWING | {"documents"},
    "demo": SHOWING | {"documents"},
    "commands": SHOWING | {"documents", "content", "demo"},
}


def modules_of(room: str) -> list[Path]:
    place = PACKAGE / room
    return sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]


def imports_of(path: Path) -> set[str]:
    """The full names a file imports, at its top or inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_arrows_run_one_way(room):
    allowed = MAY_IMPORT[room] | {room}
    for path in modules_of(room):
        for name in imports_of(path):
            if name.startswith("csat."):
                assert name.split(".")[1] in allowed, f"{path.relative_to(PROJECT_ROOT)} imports {name}"


def test_no_modules_import_each_other():
    """Not even in functions: graphlib names the circle."""
    modules = {".".join(path.relative_to(PROJECT_ROOT).with_suffix("").parts): path for path in PACKAGE.rglob("*.py")}
    arrows = {
        module: {name if name in modules else name.rpartition(".")[0] for name in imports_of(path)} & modules.keys()
        for module, path in modules.items()
    }
    TopologicalSorter(arrows).prepare()


def test_only_its_command_knows_the_demo():
    for path in PACKAGE.rglob("*.py"):
        if path.parent.name != "demo" and path != PACKAGE / "commands/demo.py":
            assert not [name for name in imports_of(path) if name.startswith("csat.demo")], path


@pytest.mark.parametrize("room", ["procedure", "figures", "models", "database", "documents"])
def test_rules_know_nothing_of_the_web(room):
    for path in modules_of(room):
        for name in imports_of(path):
            assert name.split(".")[0] not in ("flask", "flask_wtf", "flask_login", "flask_babel", "wtforms")


ARCHITECTURE = PROJECT_ROOT / "docs/architecture.md"


def floors() -> dict[str, int]:
    """Room of the procedure → its floor, as the table in docs/architecture.md says."""
    lines = re.findall(r"^\| (\d) \| `(\w+)` \|", ARCHITECTURE.read_text("utf-8"), re.M)
    return {room: int(floor) for floor, room in lines}


def test_the_rooms_of_the_procedure_are_those_of_the_drawing():
    drawn = re.findall(r"^ (\d)   (\w[\w ]*)$", ARCHITECTURE.read_text("utf-8"), re.M)
    assert {room: int(floor) for floor, rooms in drawn for room in rooms.split()} == floors()
    assert {path.parent.name for path in PACKAGE.glob("procedure/*/__init__.py")} == set(floors())


def test_a_room_of_the_procedure_imports_lower_floors_only():
    for room, floor in floors().items():
        for path in modules_of(f"procedure/{room}"):
            for name in imports_of(path):
                other = name.split(".")[2] if name.startswith("csat.procedure.") else room
                if other != room:
                    assert floors()[other] < floor, f"{path.relative_to(PROJECT_ROOT)} imports {name}"


def test_what_the_architecture_points_at_is_there():
    """Files and names under 'Where to find': a reader who looks there finds them."""
    told = ARCHITECTURE.read_text("utf-8").split("## Where to find")[1]
    for line in told.splitlines():
        path = ""
        for word in re.findall(r"`([\w/.]+)`", line):
            if word.endswith(".py"):
                path = word.removeprefix("csat/")
                assert (PACKAGE / path).is_file(), word
            elif path and "/" not in word:
                assert re.search(rf"\b{word}\b", (PACKAGE / path).read_text("utf-8")), f"{word} in {path}"


def test_every_decision_is_in_the_index():
    folder = PROJECT_ROOT / "docs/decisions"
    listed = set(re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text("utf-8")))
    assert listed == {path.name for path in folder.glob("[0-9]*.md")}


ADAPTED = {"weasyprint", "xlsxwriter", "openpyxl", "segno", "smtplib", "nacl", "argon2", "holidays"}


def test_other_libraries_are_spoken_to_in_adapters_only():
    for path in PACKAGE.rglob("*.py"):
        if path.parent.name != "adapters":
            assert not {name.split(".")[0] for name in imports_of(path)} & ADAPTED, path.relative_to(PROJECT_ROOT)


def test_only_the_clock_reads_the_time():
    for path in PACKAGE.rglob("*.py"):
        if path.name != "clock.py":
            text = path.read_text("utf-8")
            assert "datetime.now(" not in text and "time.time(" not in text, path.relative_to(PROJECT_ROOT)


def test_a_line_of_a_template_can_be_read():
    """At most 160 characters: break a tag at its attributes, and a long sentence into two strings."""
    long = [
        f"{path.relative_to(PROJECT_ROOT)}:{number}"
        for path in sorted((PROJECT_ROOT / "templates").rglob("*.html"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if len(line) > 160
    ]
    assert not long, long


def test_a_style_sheet_has_one_rule_a_line():
    """A rule fits a line of its own, or has a line for each declaration."""
    crowded = []
    for path in sorted((PROJECT_ROOT / "static").glob("*.css")):
        notes = re.compile(r"/\*.*?\*/", re.S)
        sheet = notes.sub(lambda note: "\n" * note.group().count("\n"), path.read_text("utf-8"))
        for number, line in enumerate(sheet.splitlines(), 1):
            if len(line) > 120 or line.count("{") > 1 or re.search(r"\}\s*\S", line):
                crowded.append(f"{path.name}:{number}")
    assert not crowded, crowded


def test_the_migrations_build_the_tables_of_the_models(db):
    assert not [m for m in Runner(database.store.obj, str(database.MIGRATIONS)).status() if not m.applied]
    difference = diff_models(database.store.obj, models.all_tables())
    assert not difference, str(difference)


def test_every_code_has_its_term():
    for codes, terms in TERMS.items():
        assert set(terms) == set(codes)


def _wanted() -> dict[str, tuple[str, ...] | str]:
    """Every msgid in code and templates, with its plural if it has one."""
    keywords = {
        "_": None,
        "N_": None,
        "_l": None,
        "say": None,
        "gettext": None,
        "lazy_gettext": None,
        "ngettext": (1, 2),
    }
    keywords["record"] = (2,)  # what the history calls an act: audit.record(by, "client added", …)
    found = {}
    for folder, method in ((PACKAGE, [("**.py", "python")]), (PROJECT_ROOT / "templates", [("**.html", "jinja2")])):
        options = {"**.html": {"trimmed": "true", "silent": "false"}}
        for _, _, message, _, _ in extract_from_dir(folder, method, options, keywords):
            found[message[0] if isinstance(message, tuple) else message] = message
    return found


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with (PACKAGE / "translations/zh/LC_MESSAGES/messages.po").open("rb") as source:
        return read_po(source)


def test_the_chinese_catalogue_is_complete(catalogue):
    missing = []
    for msgid in _wanted():
        entry = catalogue.get(msgid)
        strings = entry.string if entry and isinstance(entry.string, tuple) else (entry.string if entry else "",)
        if not entry or entry.fuzzy or not all(strings):
            missing.append(msgid)
    assert not missing, f"{len(missing)} without Chinese, e.g. {missing[:5]}"


def test_chinese_sentences_keep_every_parameter(catalogue):
    broken = [str(e) for message in catalogue for e in message.check() if message.id]
    assert not broken, broken[:5]
    lost = [message.id for message in catalogue if parameters(message.id) - parameters(message.string)]
    assert not lost, lost[:5]


def parameters(text: str | tuple[str, ...]) -> set[str]:
    """The %(names)s in a sentence; of a plural, those of its last form."""
    return set(re.findall(r"%\((\w+)\)s", text if isinstance(text, str) else text[-1]))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CSAT_INSTANCE", "somewhere/relative"),
        ("CSAT_LISTEN", "8000"),
        ("CSAT_LISTEN", "127.0.0.1:99999"),
        ("CSAT_WORKERS", "many"),
        ("CSAT_TIMEZONE", "Mars/Olympus"),
        ("CSAT_LOCALE", "fr"),
        ("CSAT_BASE_URL", "survey.example.org"),
        ("CSAT_DATABASE", "mysql://x"),
        ("CSAT_SMTP_URL", "http://mail"),
        ("CSAT_TRUSTED_PROXIES", "-1"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_clear_line(name, value):
    with pytest.raises(ConfigurationWrong) as stopped:
        load_config({name: value})
    assert name in str(stopped.value) and "\n" not in str(stopped.value)
