"""``python -m benchmarks.bare_application PORT``: what the framework itself costs, on the dashboard's own server.

Websockets, compression, headers and signed sessions are the dashboard's; the page is a button whose message sets the
title of the tab and one text. A ratio to it tells the work of our pages.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import count
from typing import Any

import panel as pn
import param
from panel.custom import JSComponent

from app.serving import build_server


class Button(JSComponent):
    """A button that tells the server of a click, and calls the tab what the server says."""

    title = param.String(default="", doc="Title of the tab.")

    _esm = """
    export function render({model}) {
      const button = Object.assign(document.createElement("button"), {textContent: "next"})
      button.onclick = () => model.send_msg({})
      model.on("title", () => { document.title = model.title })
      return button
    }"""

    def __init__(self, on_click: Callable[[], None]) -> None:
        super().__init__()
        self._on_click = on_click

    def _handle_msg(self, _msg: Any) -> None:
        self._on_click()


def page(_source: Any) -> pn.Column:
    numbers, text = count(1), pn.pane.HTML("<h1>0</h1>")

    def next_number() -> None:
        number = next(numbers)
        with pn.io.hold():
            text.object = f"<h1>{number}</h1>"
            button.title = f"{number}"

    button = Button(next_number)
    return pn.Column(button, text)


if __name__ == "__main__":
    build_server(None, port=int(sys.argv[1]), open_page=page).run_until_shutdown()
