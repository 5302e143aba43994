"""Every page over its protocol, from a lake on the disk: with nothing stored, with the exchange gone, with a lake that
cannot be read, and with texts that would be scripts. The pages come from `app.pages.PAGES`.
"""

from __future__ import annotations

import html
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app.context import Context
from app.settings import Settings
from data_layer.errors import CorruptFileError
from data_layer.ingest import Ingest
from data_layer.store import Lake
from tests.app.every_page import NAMES, example
from tests.app.fakes import HOSTILE
from tests.app.protocol import Served, Visitor, run
from tests.app.test_context import eventually, free_port
from tests.data_layer import wire_samples
from tests.data_layer.wire_samples import FakeClient

pytestmark = pytest.mark.xdist_group("every-page-protocol")

EVENT, SERIES = "KXTEST-27JAN15", "KXTEST"
TICKERS = [f"{EVENT}-{leg}" for leg in "ABCDEFGHI"]
#: What these pages say does not come from the lake: the code, the changelog, the process, the installation's rules.
OF_THE_PROCESS = {"method", "news", "status", "alerts"}
#: What this page lists is the visitor's own; it stays on the screen, known or not.
OWN = {"watchlists"}
#: What a list says when nothing of it happened in the last hours, which is so in a world of one moment.
QUIET = {"movers", "favourites"}
OLD_SECONDS = 7200.0


def fill(settings: Settings, texts: list[str], age_seconds: float = 0.0) -> None:
    """Store one event and its outcomes, as received some time ago; every text of them is the next of `texts`."""
    moment = time.time() - age_seconds
    said = {
        "markets": ("title", "yes_sub_title", "no_sub_title", "rules_primary", "rules_secondary"),
        "event": ("title", "sub_title", "category"),
    }

    def words(kind: str, number: int) -> dict[str, str]:
        return {name: texts[(number + at) % len(texts)] for at, name in enumerate(said[kind])} if texts else {}

    markets = [wire_samples.market(ticker, **words("markets", n)) for n, ticker in enumerate(TICKERS)]
    client = FakeClient([wire_samples.event(EVENT, SERIES, markets, **words("event", 0))], now=moment)
    if texts:
        client.series_list = [wire_samples.series(SERIES, title=texts[0], category=texts[1], tags=texts[:3])]
    with Lake(settings.lake_folder("live"), clock=lambda: moment).writer() as writer:
        ingest = Ingest(client, writer, "live", lambda: moment)  # type: ignore[arg-type]
        assert [ingest.series().outcome, ingest.universe().outcome] == ["complete", "complete"]


@contextmanager
def process(folder, fetching: bool = False) -> Iterator[Context]:
    """Make a process whose exchange cannot be reached; only with `fetching` does it try."""
    settings = Settings(source="live", data_dir=folder, base_urls=(f"http://127.0.0.1:{free_port()}/trade-api/v2",))
    context = Context(settings)
    if fetching:
        context.start()
    else:
        context._refreshers["live"] = context._refresher("live")
        context.repository.advance()
    try:
        yield context
    finally:
        context.close()


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    with process(tmp_path_factory.mktemp("empty")) as context, Served(context) as server:
        yield server


@pytest.fixture(scope="module")
def down(tmp_path_factory):
    folder = tmp_path_factory.mktemp("down")
    fill(Settings(data_dir=folder), [], OLD_SECONDS)
    with process(folder, fetching=True) as context, Served(context) as server:
        assert eventually(lambda: bool(context.repository.snapshot_id and context.progress().error))
        yield server


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    folder = tmp_path_factory.mktemp("broken")
    fill(Settings(data_dir=folder), [])

    def damaged() -> None:
        raise CorruptFileError("part-0.parquet is damaged")

    with process(folder) as context, Served(context) as server:
        context.repository._newest.current = damaged  # type: ignore[method-assign]
        yield server


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    fill(Settings(data_dir=folder), HOSTILE[:8])
    with process(folder) as context, Served(context) as server:
        yield server


class Seen:
    """What one session was sent: all of it, and the HTML in it."""

    def __init__(self, everything: str, panes: list[str]) -> None:
        self.everything, self.markup = everything, "\n".join(panes)


def seen(server: Served, name: str) -> Seen:
    """Open a page as a browser does, wait until it is on the screen, and return what came."""

    async def visit() -> Seen:
        visitor = await Visitor.open(server.url("/" + example(name, ticker=TICKERS[0], event=EVENT, series=SERIES)))
        texts = [model.get("attributes", {}).get("text") for model in visitor.models.values()]
        found = Seen(visitor.seen, [html.unescape(text) for text in texts if isinstance(text, str)])
        await visitor.close()
        return found

    return run(visit())


@pytest.fixture(autouse=True)
def no_exception(caplog):
    yield
    assert [record.getMessage() for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}] == []


@pytest.mark.parametrize("name", NAMES)
def test_with_nothing_stored_a_page_waits_or_says_that_there_is_nothing(empty, name):
    page = seen(empty, name)
    assert "ka-face ka-error" not in page.markup
    if name not in OF_THE_PROCESS | OWN:
        assert any(word in page.markup for word in ("ka-face ka-loading", "ka-face ka-empty", 'aria-busy="true"'))


@pytest.mark.parametrize("name", NAMES)
def test_with_the_exchange_gone_a_page_shows_older_data_and_how_old_they_are(down, name):
    page = seen(down, name)
    assert "could not be answered" not in page.markup
    assert "ka-band ka-stale" in page.markup
    assert "2 h" in page.markup
    if name not in OF_THE_PROCESS | QUIET:
        assert any(word in page.everything for word in ("Springfield", "Climate and Weather"))


@pytest.mark.parametrize("name", NAMES)
def test_with_a_lake_that_cannot_be_read_a_page_says_what_failed(broken, name):
    page = seen(broken, name)
    if name not in OF_THE_PROCESS:
        assert "ka-face ka-error" in page.markup
        assert "is damaged" in page.markup


@pytest.mark.parametrize("name", NAMES)
def test_text_that_would_be_a_script_stays_text(hostile, name):
    page = seen(hostile, name)
    assert "ka-face ka-error" not in page.markup
    if name not in OF_THE_PROCESS | QUIET:
        assert "__xss" in page.everything
    for tag in ("<img src=x", "<script", "<svg onload", "href=javascript"):
        assert tag not in page.markup
