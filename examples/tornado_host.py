"""An application that existed before the dashboard, with the dashboard in it in three ways.

    .venv/bin/python examples/tornado_host.py --port 8010 --source demo

Then open http://127.0.0.1:8010/. Ctrl-C or SIGTERM ends it.
"""

from __future__ import annotations

import argparse
import asyncio
import html
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import tornado.web

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # not needed where the project is installed

from app.context import Context
from app.embed import Mounted, mount
from app.settings import Settings

PREFIX = "/tools/kalshi"
STYLE = """
body { font: 16px/1.5 Georgia, serif; margin: 0; color: #222; background: #fbf8f1; }
header { background: #23395b; color: #fff; padding: 10px 24px; display: flex; gap: 24px; align-items: baseline; }
header a { color: #cfe0ff; } main { max-width: 1200px; margin: 0 auto; padding: 16px 24px 48px; }
iframe { width: 100%; height: 720px; border: 1px solid #b9ae98; background: #fff; }
.card { border: 1px solid #b9ae98; background: #fff; padding: 16px; }
"""


class Page(tornado.web.RequestHandler):
    """What all pages of the host share: its layout, its own headers and its own login cookie."""

    def set_default_headers(self) -> None:
        """Set what the host sets everywhere."""
        self.set_header("X-Host", "intranet")

    def show(self, title: str, body: str) -> None:
        """Write a whole page."""
        self.set_cookie("intranet_session", "only-the-hosts", httponly=True)
        links = {"/": "Home", "/framed": "Framed", "/market": "One market", f"{PREFIX}/": "Dashboard"}
        bar = "".join(f'<a href="{address}">{name}</a>' for address, name in links.items())
        self.finish(
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
            f"<style>{STYLE}</style></head><body><header><b>Intranet</b>{bar}</header>"
            f"<main><h1>{html.escape(title)}</h1>{body}</main></body></html>"
        )


class Home(Page):
    """A page that has nothing to do with the dashboard."""

    def get(self) -> None:
        """Show it."""
        self.show("Good morning", "<p>Canteen: lentil soup. The dashboard is in the bar above.</p>")


class Clock(tornado.web.RequestHandler):
    """The host's JSON API."""

    def get(self) -> None:
        """Say the time."""
        self.write({"time": datetime.now(UTC).isoformat()})


class Framed(Page):
    """The whole dashboard in a frame."""

    def get(self) -> None:
        """Show it."""
        self.show("Prediction markets", f'<iframe src="{PREFIX}/?page=markets" title="Kalshi dashboard"></iframe>')


class OneMarket(Page):
    """One view of the dashboard as a part of the host's own page."""

    def initialize(self, mounted: Mounted, context: Context) -> None:
        """Take the dashboard, and where its data are asked for."""
        self._mounted, self._context = mounted, context

    def get(self) -> None:
        """Show the market that is asked for, else the one traded most."""
        ticker = self.get_argument("ticker", "") or self._most_traded()
        if not ticker:
            self.show("One market", "<p>Nothing is stored yet; try again in a moment.</p>")
            return
        script = self._mounted.script(self.request, f"?page=market&ticker={ticker}&window=30d")
        self.show("One market", f'<p>This text is the host\'s.</p><div class="card">{script}</div><p>So is this.</p>')

    def _most_traded(self) -> str:
        if not self._context.repository.snapshot_id:
            return ""
        rows = self._context.repository.markets(limit=1).rows()
        return str(rows[0]["ticker"]) if rows else ""


def make_host(context: Context, origins: list[str]) -> tuple[tornado.web.Application, Mounted]:
    """Return the host's application with the dashboard mounted in it."""
    host = tornado.web.Application([(r"/", Home), (r"/api/clock", Clock), (r"/framed", Framed)])
    mounted = mount(host, PREFIX, origins, context=context)
    host.add_handlers(r".*", [(r"/market", OneMarket, {"mounted": mounted, "context": context})])
    return host, mounted


async def serve(port: int, settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM."""
    context = Context(settings).start()
    try:
        host, mounted = make_host(context, [f"127.0.0.1:{port}", f"localhost:{port}"])
        server = host.listen(port, "127.0.0.1")
        ended = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, ended.set)
        print(f"http://127.0.0.1:{port}/", flush=True)
        await ended.wait()
        server.stop()
        await mounted.stop()
        await server.close_all_connections()
    finally:
        context.close()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8010)
    parser.add_argument("--source", choices=("auto", "live", "demo"), default="auto")
    parser.add_argument("--data-dir", type=Path, default=Path("data"))
    given = parser.parse_args()
    asyncio.run(serve(given.port, Settings.from_environment(source=given.source, data_dir=given.data_dir)))


if __name__ == "__main__":
    main()
