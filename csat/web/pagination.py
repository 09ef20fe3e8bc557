"""Long lists in pages: which part of a query is shown, and the addresses of the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request, url_for

PAGE_SIZE = 50  # rows


@dataclass(frozen=True)
class ListPage:
    """One page of a long list: its rows, which page of how many, and how many rows there are in all."""

    rows: list[Any]
    number: int
    pages: int
    total: int

    def address(self, number: int) -> str:
        """The same list at another page, with the same search and filters."""
        given = {name: value for name, value in request.args.items() if name != "page"}
        return url_for(request.endpoint or "", **{**(request.view_args or {}), **given}, page=number)


def paginate(found: Any, on_a_page: int = PAGE_SIZE) -> ListPage:
    """The page of a query or list that the address asks for (`page`); one beyond the end is the last one."""
    total = len(found) if isinstance(found, list) else found.count()
    pages = max(1, -(-total // on_a_page))
    asked = request.args.get("page", "1")
    number = min(max(1, int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 1), pages)
    begin = (number - 1) * on_a_page
    rows = found[begin : begin + on_a_page] if isinstance(found, list) else list(found.paginate(number, on_a_page))
    return ListPage(rows, number, pages, total)
