"""How a visitor's request begins a session."""

from __future__ import annotations

import panel as pn
from panel_material_ui import Page

from app import url
from app.session_source import SessionSource
from app.shell import COOKIES, Shell
from components import first_paint
from components.theme import DARK_ATTRIBUTE

#: How often a session compares its snapshot with the process's, and lets the age on its badge grow.
POLL_MILLISECONDS = 5_000


def open_session(source: SessionSource) -> Page:
    """Build the session of the present document from its request, and keep it fresh; return what is to be served."""
    request = getattr(getattr(pn.state.curdoc, "session_context", None), "request", None)
    cookies = dict(getattr(request, "cookies", None) or {})
    agent = str((getattr(request, "headers", None) or {}).get("User-Agent", ""))
    dark = first_paint.prefers_dark(
        cookies.get(first_paint.THEME_COOKIE, ""), cookies.get(first_paint.SCHEME_COOKIE, "")
    )
    shell = Shell(
        source,
        url.query_of(getattr(request, "arguments", None)),
        dark=dark,
        zone=cookies.get("ka_zone", "").replace("%2F", "/"),
        remembered={name: cookies.get(cookie, "") for name, cookie in COOKIES.items()},
        narrow="Mobi" in agent,
    )
    if pn.state.curdoc is not None and pn.state.curdoc.session_context is not None:
        pn.state.curdoc.template_variables["html_attrs"] = DARK_ATTRIBUTE if dark else ""
        pn.state.add_periodic_callback(shell.poll, POLL_MILLISECONDS)
    return shell.page
