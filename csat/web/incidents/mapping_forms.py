"""The form of a map and its text, for both kinds: of tables that are imported, of messages that are sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Generic

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Field, SelectChoice, SelectField, StringField, TextAreaField

from csat import clock
from csat.procedure.incidents import mapping, table_import
from csat.procedure.incidents.mapping import IncidentMap, MapKind, Row
from csat.web.access import current_person
from csat.web.forms import StaffForm, limit_length, require_input, submit

LIST_FIELDS = ("date_formats", "unknown", "major", "closed_states")


class MapForm(StaffForm):
    """What both kinds of maps ask; `add_place_fields` adds where each field stands."""

    kind: MapKind[Any]
    text_fields: tuple[str, ...] = ("source", "date_order", "zone")

    date_order = SelectField(_l("Order of a date"), choices=lambda: _date_order_choices())
    zone = StringField(_l("Time zone of the times"))
    date_formats = TextAreaField(_l("Date formats"))
    unknown = TextAreaField(_l("Words that mean unknown"))
    major = TextAreaField(_l("Priorities that count as major"))
    closed_states = TextAreaField(_l("States that count as closed"))

    def format_text(self) -> str:
        """What was filled in, as the text of a map; raise MapWrong."""
        # Blanks only: a tab may be what separates the cells.
        given: dict[str, object] = {name: (self[name].data or "").strip(" ") for name in self.text_fields}
        for name in LIST_FIELDS:
            given[name] = [line.strip() for line in (self[name].data or "").splitlines() if line.strip()]
        given[self.kind.places_key] = {
            name: (self[place_field_name(name)].data or "").strip() for name in self.kind.labels
        }
        return self.kind.format_map(self.kind.build_map(given))

    @property
    def places(self) -> list[Field]:
        """The fields for the headings or paths, in the order of an incident's fields."""
        return [self[place_field_name(name)] for name in self.kind.labels]


def _date_order_choices() -> list[SelectChoice]:
    return [SelectChoice(order, gettext(table_import.DATE_ORDER_LABELS[order])) for order in mapping.DATE_ORDERS]


class MapTextForm(StaffForm):
    text = TextAreaField(_l("The map as TOML"), require_input(), render_kw={"rows": 24})


def add_place_fields(form: type[MapForm]) -> type[MapForm]:
    """Give a form one field for each place that a map of its kind can name."""
    for name, label in form.kind.labels.items():
        setattr(form, place_field_name(name), StringField(_l(label), [limit_length(200)]))
    return form


def place_field_name(name: str) -> str:
    """What the form calls the place of a field."""
    return f"place_{name}"


@dataclass(frozen=True)
class MapPages(Generic[Row]):
    """The two ways to edit a map of one kind: by a form, and as the text it is."""

    kind: MapKind[Row]
    form: type[MapForm]
    template: str
    title: str  # of a kept map: a msgid with its source
    back: tuple[str, str]  # where the pages belong: endpoint and msgid
    text_help: str  # beside the text: a msgid
    usual: Mapping[str, str]  # what the form begins with: what most systems do
    said: str  # once one is kept: a msgid with its source
    next_url: Callable[[Row], str]  # where to go from there

    def edit_by_form(
        self, key: int | None = None, begun: IncidentMap | None = None, **shown: object
    ) -> ResponseReturnValue:
        """A map by its form, which begins with the kept one, with one that was begun, or with the usual."""
        row = None if key is None else self.kind.get_map(key)
        begun = self.kind.parse_map(row.text) if row else begun
        form = self.form(data=_fill_form(begun) if begun else self.usual)
        return self._save_from(form, form.format_text, row) or render_template(
            self.template, pages=self, form=form, row=row, **shown
        )

    def edit_by_text(self, key: int | None = None) -> ResponseReturnValue:
        """A map as its text, kept or pasted."""
        row = None if key is None else self.kind.get_map(key)
        form = MapTextForm(data={"text": row.text} if row else None)
        done = self._save_from(form, lambda: (form.text.data or "").replace("\r\n", "\n"), row)
        return done or render_template("incidents/mapping_text.html", pages=self, form=form, row=row)

    def _save_from(self, form: StaffForm, text: Callable[[], str], row: Row | None) -> ResponseReturnValue | None:
        return submit(
            form,
            lambda: self.kind.save_map(text(), current_person(), clock.now(), row),
            said=lambda kept: gettext(self.said, source=kept.source),
            to=self.next_url,
        )


def _fill_form(made: IncidentMap) -> dict[str, object]:
    shown: dict[str, object] = {
        each.name: getattr(made, each.name)
        for each in fields(IncidentMap)
        if each.default is MISSING or isinstance(each.default, str)
    }
    shown |= {name: "\n".join(word for word in getattr(made, name) if word) for name in LIST_FIELDS}
    return shown | {place_field_name(name): place for name, place in made.places.items()}
