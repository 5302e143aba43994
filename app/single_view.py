"""One page without the frame around it, for an iframe or for a host's own page; what it shows is said by its link.

Served at ``/single-view`` beside the dashboard, and at the dashboard's own address where a link says ``embed=1``. The
address, history, title and cookies of the tab are the host's and left alone; its links lead to the whole dashboard.
"""

from __future__ import annotations

import re
from typing import Any

import panel as pn

from app import url
from app.session import POLL_MILLISECONDS, open_session
from app.session_source import SessionSource
from app.shell import Shell
from components import theme
from components.outward_links import OutwardLinks

#: Path under the prefix. `panel` cuts it out of addresses as text: no prefix may contain it (see `app.embed`).
VIEW = "/single-view"

#: Where the framework's own style sheets lie under the prefix.
STYLE_SHEETS = "/static/extensions/panel/"


_ADDRESS = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+(?:/[A-Za-z0-9._~-]+)*")


def open_addressed(source: SessionSource) -> Any:
    """Build what the present document's address asks for: the dashboard, or with ``embed=1`` one view of it."""
    request = getattr(getattr(pn.state.curdoc, "session_context", None), "request", None)
    embedded = (getattr(request, "arguments", None) or {}).get("embed") == [b"1"]
    return open_view(source) if embedded else open_session(source)


def open_view(source: SessionSource) -> pn.Column:
    """Build the session of the present document from its request, and keep it fresh; return what is to be served.

    Beside the keys of every link it reads ``theme=dark``: a host's page has one theme, and no switch of ours; and
    ``panel=`` with the name of one table or chart (see `PageView.panels`), which is then shown alone.
    """
    request = getattr(getattr(pn.state.curdoc, "session_context", None), "request", None)
    arguments = getattr(request, "arguments", None) or {}
    home = public_address(arguments)
    dark = arguments.get("theme") == [b"dark"]
    if home and pn.state.curdoc is not None:
        # In a page that is not ours the framework would take its style sheets from a CDN (docs/adr/0081).
        pn.state.curdoc.template_variables["dist_url"] = f"{home}{STYLE_SHEETS}"
    panel = (arguments.get("panel") or [b""])[0].decode("ascii", "replace")
    shell = Shell(source, url.query_of(arguments), dark=dark, panel=panel)
    if pn.state.curdoc is not None and pn.state.curdoc.session_context is not None:
        pn.state.add_periodic_callback(shell.poll, POLL_MILLISECONDS)
        if not home:
            ground = theme.palette(dark)["surface"]
            pn.state.curdoc.template_variables["html_attrs"] = f'style="background: {ground}"'
    at = f"{home}/" if home else "./"
    links = OutwardLinks(shell.hear, home=at)
    shell.provenance.home = at
    badge, page = shell.parts()
    above = pn.Row(links, badge, sizing_mode="stretch_width", margin=0, styles={"padding": "8px 16px 0"})
    return pn.Column(
        above,
        page,
        stylesheets=[theme.scoped_css(dark)],
        sizing_mode="stretch_width",
        margin=0,
        styles={"padding-bottom": "12px"},
    )


def public_address(arguments: dict[str, list[bytes]]) -> str:
    """Return the dashboard's address as the host's page knows it, without a slash; empty in a page of ours.

    The script that `server_document` writes says it. It is a visitor's input: anything but a plain address is none.
    """
    said = (arguments.get("bokeh-absolute-url") or [b""])[0].decode("ascii", "replace")
    return said.removesuffix(VIEW) if _ADDRESS.fullmatch(said) and said.endswith(VIEW) else ""
