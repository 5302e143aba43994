"""The menu that every chart has in the same place: its data, pictures of it, its link, its frame, and its "i"."""

from __future__ import annotations

from pathlib import Path

import param

#: Put before a chart's own script and style sheet.
SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
CSS = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")


def script(path: Path) -> str:
    """Return a chart's script with the menu's before it."""
    return SCRIPT + path.read_text(encoding="utf-8")


class TakenAway(param.Parameterized):
    """What a chart's menu needs to know. A chart inherits it beside `JSComponent`."""

    file = param.String(default="", doc="Name of files made in the browser, without their ending.")
    credit = param.String(default="", doc="Line under a picture: source and age.")
    files = param.List(default=[], doc="Files of the data as (label, address); addresses begin with ``export?``.")
    address = param.String(default="", doc="Link to the chart's page, beginning with ``?``; empty offers none.")
    info_key = param.String(default="", doc="Key of the chart's origin (see `section_head`); empty offers none.")
