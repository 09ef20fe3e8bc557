"""What several commands take as an argument."""

from __future__ import annotations

import click

from csat.procedure.core.quarter import Quarter


class QuarterType(click.ParamType):
    """A quarter, written 2026Q3."""

    name = "quarter"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Quarter:
        try:
            return value if isinstance(value, Quarter) else Quarter.parse(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)
