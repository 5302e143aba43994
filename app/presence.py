"""Whether anybody sees the present session."""

from __future__ import annotations

import panel as pn
from bokeh.server.contexts import BokehSessionContext


def has_visitor() -> bool:
    """Return whether a browser is connected to the present session; true where no server could know.

    A closed or reloaded tab leaves its session behind for some seconds. Its websocket may also come back to it.
    """
    document = pn.state.curdoc
    context = document.session_context if document is not None else None
    session = context.session if isinstance(context, BokehSessionContext) else None
    return session is None or session.connection_count > 0
