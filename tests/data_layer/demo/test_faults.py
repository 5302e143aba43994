"""Every fault does on the wire what its name says.  Raw sockets, because a client would hide it."""

from __future__ import annotations

import gzip
import json
import socket
import time
import zlib
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests

from data_layer.demo import FAULTS, RunningExchange, start_exchange

MARKETS = "/markets?mve_filter=exclude&limit=10"
SILENT = 0.3  # seconds without a byte that count as silence


@pytest.fixture(scope="module")
def running() -> Iterator[RunningExchange]:
    with start_exchange(
        markets=300, settled=0, seed=4, requests_per_second=None, clock=lambda: 1.7953668e9
    ) as exchange:
        yield exchange


@pytest.fixture(autouse=True)
def cleared(running):
    yield
    running.clear_faults()


class Wire:
    """One connection, one GET, and what came of it."""

    def __init__(
        self, running: RunningExchange, path: str = MARKETS, wait: float = 5.0, gzipped: bool = False
    ) -> None:
        address = urlsplit(running.base_url)
        accept = "Accept-Encoding: gzip\r\n" if gzipped else ""
        asked = f"GET {address.path}{path} HTTP/1.1\r\nHost: {address.netloc}\r\n{accept}\r\n"
        self.received, self.ended, self.reset, self.pieces = b"", False, False, 0
        with socket.create_connection((address.hostname, address.port), timeout=wait) as link:
            link.sendall(asked.encode())
            try:
                while not self.whole():
                    part = link.recv(1 << 20)
                    if not part:
                        self.ended = True
                        break
                    self.received += part
                    self.pieces += 1
            except TimeoutError:
                pass
            except ConnectionResetError:
                self.reset = True
        self.head, _, self.body = self.received.partition(b"\r\n\r\n")

    def whole(self) -> bool:
        head, found, body = self.received.partition(b"\r\n\r\n")
        length = self._named(head, "content-length")
        # nothing follows a finished answer; what follows a short length is read until the end
        return bool(found) and length is not None and len(body) == int(length) and b"close" not in head

    @staticmethod
    def _named(head: bytes, name: str) -> str | None:
        for line in head.decode("latin-1").split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name:
                return value.strip()
        return None

    def header(self, name: str) -> str | None:
        return self._named(self.head, name)

    @property
    def status(self) -> int:
        return int(self.head.split(b" ", 2)[1])

    def json(self):
        return json.loads(self.body)


def test_without_a_fault_the_answer_is_whole(running):
    answer = Wire(running)
    assert answer.status == 200
    assert len(answer.json()["markets"]) == 10


def test_refused(running):
    running.set_fault("refused")
    with pytest.raises(ConnectionRefusedError):
        Wire(running)
    running.clear_faults()
    assert Wire(running).status == 200


@pytest.mark.parametrize(("name", "begins"), [("no-answer", b""), ("hang-after-headers", b"HTTP/1.1 200 OK\r\n")])
def test_silence(running, name, begins):
    running.set_fault(name)
    answer = Wire(running, wait=SILENT)
    assert not answer.ended
    assert answer.received.startswith(begins)
    assert answer.body == b""


def test_drip(running):
    running.set_fault("drip", every=0.001)
    answer = Wire(running, path="/historical/cutoff")
    assert len(answer.body) == int(answer.header("content-length") or 0)
    assert answer.pieces > len(answer.body) / 4  # it came in crumbs


def test_reset(running):
    running.set_fault("reset")
    answer = Wire(running)
    assert answer.reset or (answer.ended and len(answer.body) < int(answer.header("content-length") or 0))


def test_short_content_length(running):
    running.set_fault("short-content-length")
    answer = Wire(running)
    assert answer.ended
    assert len(answer.body) > int(answer.header("content-length") or 0) > 100


def test_truncated_body(running):
    running.set_fault("truncated-body")
    answer = Wire(running)
    assert answer.ended
    assert 0 < len(answer.body) < int(answer.header("content-length") or 0)


def test_truncated_chunk(running):
    running.set_fault("truncated-chunk")
    answer = Wire(running)
    size, _, chunk = answer.body.partition(b"\r\n")
    assert answer.ended
    assert 0 < len(chunk) < int(size, 16)
    assert answer.header("transfer-encoding") == "chunked"


def test_truncated_json(running):
    running.set_fault("truncated-json")
    answer = Wire(running)
    assert answer.ended
    assert answer.header("content-length") is None
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_too_many_requests_ten_times(running):
    running.set_fault("too-many-requests")
    answers = [Wire(running) for _ in range(11)]
    assert [answer.status for answer in answers] == [429] * 10 + [200]
    assert answers[0].json() == {"error": "too many requests"}
    assert answers[0].header("retry-after") is None


def test_retry_after(running):
    running.set_fault("retry-after")
    found = [Wire(running).header("retry-after") for _ in range(6)]
    assert found[0] == "3"
    assert {"-1", "86400", "soon"} <= set(found)
    assert sum("GMT" in (value or "") for value in found) == 2
    running.clear_faults()
    running.set_fault("retry-after", value="7")
    assert Wire(running).header("retry-after") == "7"


@pytest.mark.parametrize("status", [500, 502, 503, 504, 400, 401, 403, 404])
def test_statuses(running, status):
    running.set_fault(f"status-{status}")
    answer = Wire(running)
    assert answer.status == status
    if status in (502, 504, 403):
        assert answer.body.startswith(b"<html>")
    else:
        assert answer.json()


def test_redirects(running):
    running.set_fault("redirect-host", times=1)
    answer = Wire(running)
    assert answer.status == 302
    assert urlsplit(answer.header("location")).hostname == "localhost"
    running.set_fault("redirect-loop")
    with pytest.raises(requests.TooManyRedirects):
        requests.get(running.base_url + MARKETS, timeout=10)


def test_captcha(running):
    running.set_fault("captcha")
    answer = Wire(running)
    assert answer.status == 200
    assert (answer.header("content-type") or "").startswith("text/html")
    assert b"human" in answer.body


def test_gzip_bomb(running):
    running.set_fault("gzip-bomb", megabytes=20)
    answer = Wire(running)
    unpacked = zlib.decompressobj(31).decompress(answer.body, 30_000_000)
    assert len(unpacked) == 20_000_000 > 500 * len(answer.body)


def test_gzip_that_is_none_or_not_whole(running):
    running.set_fault("false-gzip")
    answer = Wire(running)
    assert answer.header("content-encoding") == "gzip"
    assert answer.json()
    running.clear_faults()
    running.set_fault("broken-gzip")
    with pytest.raises(EOFError):
        gzip.decompress(Wire(running).body)


def test_bytes_that_are_not_utf_8_json(running):
    running.set_fault("latin-1", times=1)
    with pytest.raises(UnicodeDecodeError):
        Wire(running).body.decode("utf-8")
    running.set_fault("bom", times=1)
    assert Wire(running).body.startswith(b"\xef\xbb\xbf{")
    running.set_fault("surrogates", times=1)
    with pytest.raises(UnicodeEncodeError):
        Wire(running).json()["note"].encode("utf-8")


def test_numbers_keys_and_depth(running):
    running.set_fault("nan", times=1)
    assert b"NaN" in Wire(running).body
    running.set_fault("huge-number", times=1)
    assert Wire(running).json()["note"] == float("inf")
    running.set_fault("duplicate-keys", times=1)
    assert Wire(running).body.count(b'"cursor"') == 3
    running.set_fault("deep", times=1)
    with pytest.raises(RecursionError):
        Wire(running).json()


def test_late(running):
    running.set_fault("late", seconds=0.5)
    assert Wire(running, wait=0.2).received == b""
    assert Wire(running, wait=5).status == 200


def walk(running, pages=40):
    """Follow the cursor blindly; return the pages and how it ended."""
    found, cursor = [], ""
    for _ in range(pages):
        suffix = f"&cursor={cursor}" if cursor else ""
        answer = Wire(running, f"/markets?mve_filter=exclude&limit=50{suffix}")
        if answer.status != 200:
            return found, answer.status
        found.append(answer.json())
        cursor = found[-1]["cursor"]
        if not cursor:
            return found, 200
    return found, None


def test_cursor_refused_on_the_third_page_again_and_again_only_there(running):
    running.set_fault("cursor-400")
    pages, end = walk(running)
    assert (len(pages), end) == (2, 400)
    pages, end = walk(running)
    assert (len(pages), end) == (2, 400)


def test_page_fails_after_four_good_ones(running):
    running.set_fault("page-fails", times=1)
    pages, end = walk(running)
    assert (len(pages), end) == (4, 500)
    assert walk(running)[1] == 200  # it failed as often as it was told to


def test_cursor_repeats(running):
    running.set_fault("cursor-repeats")
    pages, end = walk(running, 8)
    assert end is None
    assert len({page["cursor"] for page in pages}) == 1


def test_cursor_never_ends(running):
    whole, _ = walk(running)
    running.set_fault("cursor-endless")
    pages, end = walk(running, len(whole) * 3)
    assert end is None
    cursors = [page["cursor"] for page in pages]
    assert "" not in cursors
    assert pages[len(whole)]["markets"] == pages[0]["markets"]  # from the start again
    assert len(set(cursors)) > len(whole)


def test_the_same_market_on_two_pages_at_two_prices(running):
    running.set_fault("same-market-twice")
    pages, _ = walk(running)
    last, again = pages[0]["markets"][-1], pages[1]["markets"][0]
    assert last["ticker"] == again["ticker"]
    assert last["yes_ask_dollars"] != again["yes_ask_dollars"] or last["yes_bid_dollars"] != again["yes_bid_dollars"]


def test_a_market_moves_between_pages(running):
    whole, _ = walk(running)
    running.set_fault("market-moves")
    pages, _ = walk(running)
    assert len(pages) == len(whole)
    missing = {m["ticker"] for p in whole for m in p["markets"]} - {m["ticker"] for p in pages for m in p["markets"]}
    assert len(missing) == len(whole) - 1


def test_an_empty_page_with_a_cursor(running):
    whole, _ = walk(running)
    running.set_fault("empty-page", times=2)
    pages, end = walk(running)
    assert end == 200
    assert pages[1]["markets"] == []
    assert pages[1]["cursor"]
    assert len({m["ticker"] for p in pages for m in p["markets"]}) == len(
        {m["ticker"] for p in whole for m in p["markets"]}
    )


def test_the_total_falls_by_nine_tenths(running):
    whole, _ = walk(running)
    running.set_fault("shrunk")
    pages, end = walk(running)
    assert (len(pages), end) == (1, 200)
    assert len(pages[0]["markets"]) == 5 < sum(len(p["markets"]) for p in whole) / 10


def test_shapes_that_drift(running):
    def first(name, path=MARKETS, **options):
        running.clear_faults()
        running.set_fault(name, **options)
        return Wire(running, path).json()

    cents = first("cents")["markets"][0]
    assert isinstance(cents["yes_bid"], int)
    assert not any(
        key.endswith(("_dollars", "volume_fp")) and "notional" not in key and "settle" not in key for key in cents
    )
    both = first("disagreeing-forms")["markets"][0]
    assert both["yes_bid"] != round(float(both["yes_bid_dollars"]) * 100)
    nested = "/events?with_nested_markets=true&limit=3&status=open"
    assert all("yes_bid_dollars" not in m for e in first("field-removed", nested)["events"] for m in e["markets"])
    assert "title" not in first("field-removed", field="title")["markets"][0]
    added = first("field-added")
    assert added["schema_version"] == 4
    assert isinstance(added["markets"][0]["yes_bid_dollars_v2"], dict)
    assert isinstance(first("type-changed")["markets"][0]["yes_bid_dollars"], float)
    assert first("rows-null")["markets"] is None
    assert isinstance(first("rows-object")["markets"], dict)
    rows = first("row-without-ticker")["markets"]
    assert "ticker" not in rows[0]
    assert all("ticker" in row for row in rows[1:])


def test_a_fault_can_be_held_to_a_path_and_a_number_of_requests(running):
    running.set_fault("status-500", path="/events", times=2)
    assert Wire(running).status == 200
    assert [Wire(running, "/events?limit=1").status for _ in range(3)] == [500, 500, 200]


def test_faults_over_the_control_route(running):
    control = running.base_url.removesuffix("/trade-api/v2") + "/control/faults"
    assert requests.post(control, json={"name": "status-503", "options": {"times": 1}}, timeout=5).ok
    assert requests.get(control, timeout=5).json()["faults"][0]["name"] == "status-503"
    assert Wire(running).status == 503
    assert requests.post(control, json={"name": "no such"}, timeout=5).status_code == 400
    said_json = {"Content-Type": "application/json"}
    assert requests.post(control, data="nonsense", headers=said_json, timeout=5).status_code == 400
    assert requests.post(control, data='{"name": "late"}', timeout=5).status_code == 415
    assert requests.delete(control, timeout=5).json() == {"faults": []}
    assert Wire(running).status == 200


def test_an_unknown_fault_is_refused(running):
    with pytest.raises(ValueError, match="no such fault"):
        running.set_fault("gremlins")


def test_stopping_lets_go_of_whoever_is_kept_waiting():
    running = start_exchange(markets=50, settled=0, requests_per_second=None)
    running.set_fault("no-answer")
    address = urlsplit(running.base_url)
    with socket.create_connection((address.hostname, address.port), timeout=20) as link:
        link.sendall(b"GET /trade-api/v2/exchange/status HTTP/1.1\r\nHost: x\r\n\r\n")
        while not running.request_log:
            time.sleep(0.005)  # until the request has arrived; the fault would hold it for a minute
        running.stop()
        assert link.recv(10) == b""
    assert not running._thread.is_alive()


def test_every_fault_is_tried_in_this_file():
    text = open(__file__, encoding="utf-8").read()  # noqa: PTH123, SIM115
    assert [name for name in FAULTS if f'"{name}"' not in text and not name.startswith("status-")] == []
