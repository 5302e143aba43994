"""What every paged table does alike: the page that is shown, and which way a column turns."""

from __future__ import annotations

from collections.abc import Callable, Collection

from data_layer.questions import Answer


def page_or_last(ask: Callable[[int], Answer], page: int, size: int) -> tuple[Answer, int]:
    """Return a page of an answer and its number, from 1: the last one where there are fewer.

    `ask` is called with the number of rows before the page.
    """
    answer = ask((page - 1) * size)
    last = max(1, -(-answer.total // size))
    return (answer, page) if page <= last else (ask((last - 1) * size), last)


def direction_after(word: str, sort: str, direction: str, ascending_first: Collection[str]) -> str:
    """Return the direction of a table by `sort` after column `word` is chosen: turned, or as the column begins."""
    if word == sort:
        return "asc" if direction == "desc" else "desc"
    return "asc" if word in ascending_first else "desc"
