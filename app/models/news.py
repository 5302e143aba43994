"""What is new: the changelog, which is part of the program."""

from __future__ import annotations

from typing import Any

import param

from app import process_facts
from app.models.base import PageModel


class NewsModel(PageModel):
    """The changelog as it was installed; it needs no data."""

    text = param.String(default=None, allow_None=True, doc="The changelog as Markdown; None where none is installed.")
    release = param.String(default="", doc="Release of the program that runs.")

    def _ask(self) -> dict[str, Any]:
        return {"text": process_facts.changelog(), "release": process_facts.releases()[0][1]}
