"""What is put right in the server framework, however it is started: imports, types, lost changes, delay, leftovers.

All of it is idempotent and changes the framework for the whole process; `app.serving` explains the threats.
"""

from __future__ import annotations

import logging
import mimetypes
import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bokeh.document import Document
from bokeh.document.locking import UnlockedDocumentProxy
from bokeh.io import doc as bokeh_doc
from bokeh.server.views.ws import WSHandler
from panel.io import document as panel_document
from panel.io import handlers
from panel.io import server as panel_server
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError

#: Packages whose components may name their resources in an address.
TRUSTED_PACKAGES = ("panel", "bokeh", "panel_material_ui")


class GuardError(RuntimeError):
    """The server framework changed its shape: a guard cannot be put on, and without it we do not serve."""


def may_be_named(module: str) -> bool:
    """Return whether an address may name this module: imported already, and part of a trusted package."""
    return module in sys.modules and module.split(".")[0] in TRUSTED_PACKAGES


def guard_component_imports() -> None:
    """Stop ``/components/<module>/…`` from importing whatever an address names; anything untrusted is not found.

    Raises GuardError when the handler is no longer what it was.
    """
    handler: Any = getattr(panel_server, "ComponentResourceHandler", None)
    original = getattr(handler, "parse_url_path", None)
    if original is None or not callable(original):
        raise GuardError("panel.io.server.ComponentResourceHandler.parse_url_path is gone; see docs/adr/0051.")
    if getattr(original, "guarded", False):
        return

    def parse_url_path(self: Any, path: str) -> str:
        if not may_be_named(path.split("/")[0]):
            raise HTTPError(404)
        found: str = original(self, path)
        return found

    parse_url_path.guarded = True  # type: ignore[attr-defined]
    handler.parse_url_path = parse_url_path


def name_script_types() -> None:
    """Let files that end in a version (``vega@6.1.2``) be served as scripts; `nosniff` would refuse them else."""
    for digit in range(10):
        mimetypes.add_type("text/javascript", f".{digit}")


def keep_early_changes() -> None:
    """Send changes that fall between a browser's receiving the document and its having drawn it.

    The framework counts a session as connected only when the browser has drawn, and drops what `hold` collected
    before that: the whole document was to follow. It does not: it went out when the websocket opened, seconds
    earlier. Here changes are dropped only while nobody has been sent the document. See docs/adr/0056.
    """
    name = "_drain_unconnected_events"
    original = getattr(panel_document, name, None)
    if original is None or getattr(original, "guarded", False):
        return  # another version holds and sends in its own way

    def drain(document: Document, lock: Any) -> list[Any]:
        session = getattr(document.session_context, "session", None)
        if session is None or not session.connection_count:
            kept: list[Any] = original(document, lock)
            return kept
        with lock:
            held = list(document.callbacks._held_events or [])
            document.callbacks._held_events = []
            document.callbacks._hold = None
        return held

    drain.guarded = True  # type: ignore[attr-defined]
    setattr(panel_document, name, drain)


def send_at_once() -> None:
    """Let no part of a message wait for the acknowledgement of the part before it.

    The framework writes a message in three frames; the network's habit of collecting small ones (Nagle's algorithm)
    held the later two back until the browser had acknowledged the first, 40 ms later. See docs/adr/0147.
    """
    original = WSHandler.open
    if getattr(original, "guarded", False):
        return

    def open_undelayed(self: Any) -> Any:
        self.set_nodelay(True)
        return original(self)

    open_undelayed.guarded = True  # type: ignore[attr-defined]
    WSHandler.open = open_undelayed  # type: ignore[method-assign]


def leave_no_document() -> None:
    """Let no session's document be taken for that of code outside of every session.

    The framework forgets to take a document down when a callback fails, or takes down that of another thread; and
    when a page is built it sets the page's own document as the default one. See docs/adr/0148.
    """
    if getattr(handlers.patch_curdoc, "guarded", False):
        return
    present, set_default = bokeh_doc._PATCHED_CURDOCS, handlers.bk_set_curdoc

    @contextmanager
    def patch(document: Document | UnlockedDocumentProxy) -> Iterator[None]:
        entry = weakref.ref(document)
        present.append(entry)
        try:
            yield
        finally:
            present.remove(entry)

    def put_back(document: Document) -> None:
        if document.session_context is None:
            set_default(document)

    patch.guarded = True  # type: ignore[attr-defined]
    for module, name, mended in (
        (bokeh_doc, "patch_curdoc", patch),
        (handlers, "patch_curdoc", patch),
        (handlers, "bk_set_curdoc", put_back),
    ):
        setattr(module, name, mended)


class _LeftVisitor(logging.Filter):
    """Lets through all but the failure to write to a visitor who has just left."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], WebSocketClosedError))


_LEFT_VISITOR = _LeftVisitor()


def pass_over_left_visitors() -> None:
    """Keep a closed tab from being logged as an error: the framework writes to it once more and complains."""
    logging.getLogger("asyncio").addFilter(_LEFT_VISITOR)


def install_guards() -> None:
    """Put on every guard that works under any server, ours or `panel serve`."""
    guard_component_imports()
    name_script_types()
    keep_early_changes()
    send_at_once()
    leave_no_document()
    pass_over_left_visitors()
