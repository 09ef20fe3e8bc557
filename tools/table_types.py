"""A plugin of mypy, for what Peewee's own types leave open about our tables.

The keywords of `Feedback.create(…)` are the columns of Feedback, and their values fit: Peewee takes `**query`
there, and no type of Python's says which names a class has. The same holds for the class itself, for `insert`
and for `update`, where a value may also be an expression that the store works out. And what is read as tuples
is no longer read as rows of the table; `first` finds one of those or none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from mypy.maptype import map_instance_to_supertype
from mypy.nodes import ARG_NAMED_OPT, ARG_STAR2, TypeInfo, Var
from mypy.plugin import FunctionSigContext, MethodContext, MethodSigContext, Plugin
from mypy.types import AnyType, CallableType, Instance, NoneType, Type, TypeOfAny, UnionType, get_proper_type

TABLE = "csat.models.base.Table"
FILLING = ("create", "insert", "update", "get_or_create")
READING = ("tuples", "namedtuples", "dicts")

Context = FunctionSigContext | MethodSigContext
Hook = Callable[[Context], CallableType]


class TableTypes(Plugin):
    """Asked by mypy at every call."""

    def get_function_signature_hook(self, fullname: str) -> Hook | None:
        table = self._find_table(fullname)
        return partial(name_columns, table, "") if table else None

    def get_method_signature_hook(self, fullname: str) -> Hook | None:
        owner, _, method = fullname.rpartition(".")
        table = self._find_table(owner) if method in FILLING else None
        return partial(name_columns, table, method) if table else None

    def get_method_hook(self, fullname: str) -> Callable[[MethodContext], Type] | None:
        owner, _, method = fullname.rpartition(".")
        if owner != "peewee.ModelSelect":
            return None
        return leave_rows_open if method in READING else allow_none if method == "first" else None

    def _find_table(self, fullname: str) -> TypeInfo | None:
        if not fullname.startswith("csat.models.") or fullname == TABLE:
            return None
        symbol = self.lookup_fully_qualified(fullname)
        node = symbol.node if symbol else None
        return node if isinstance(node, TypeInfo) and node.has_base(TABLE) else None


def name_columns(table: TypeInfo, method: str, context: Context) -> CallableType:
    """The signature with the table's columns in the place of `**query`, each with its value's type."""
    signature = context.default_signature
    kept = [place for place, kind in enumerate(signature.arg_kinds) if kind != ARG_STAR2]
    also = ("peewee.Node",) if method == "update" else ()
    more = {name: _find_values(column, also, context) for name, column in _list_columns(table)}
    if method == "get_or_create":
        more["defaults"] = context.api.named_generic_type("builtins.object", [])
    return signature.copy_modified(
        arg_kinds=[signature.arg_kinds[place] for place in kept] + [ARG_NAMED_OPT] * len(more),
        arg_names=[signature.arg_names[place] for place in kept] + list(more),
        arg_types=[signature.arg_types[place] for place in kept] + list(more.values()),
    )


def leave_rows_open(context: MethodContext) -> Type:
    """The query, whose rows are tuples of whatever was asked for."""
    query = get_proper_type(context.type)
    return query.copy_modified(args=[AnyType(TypeOfAny.explicit)]) if isinstance(query, Instance) else query


def allow_none(context: MethodContext) -> Type:
    """A row of the query's table, or none."""
    query = get_proper_type(context.type)
    rows = query.args if isinstance(query, Instance) else ()
    return UnionType.make_union([*rows, NoneType()])


def _list_columns(table: TypeInfo) -> Iterator[tuple[str, Instance]]:
    """The fields by their names, those of the table itself last."""
    for info in reversed(table.mro):
        for name, symbol in info.names.items():
            kind = get_proper_type(symbol.node.type) if isinstance(symbol.node, Var) else None
            if isinstance(kind, Instance) and kind.type.has_base("peewee.Field"):
                yield name, kind


def _find_values(column: Instance, also: tuple[str, ...], context: Context) -> Type:
    """What a column takes: its value; for a foreign key, the row or the key of it; and what else is named."""
    bases = {info.fullname: info for info in column.type.mro}
    typed = bases.get("csat.models.base.TypedField", bases["peewee.Field"])
    values = [map_instance_to_supertype(column, typed).args[0], *(Instance(bases[name], []) for name in also)]
    if "peewee.ForeignKeyField" in bases:
        values.append(context.api.named_generic_type("builtins.int", []))
    return UnionType.make_union(values)


def plugin(version: str) -> type[Plugin]:
    """What mypy asks for."""
    return TableTypes
