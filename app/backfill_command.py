"""``kalshi-dashboard backfill``: history filled in bulk, with a bar in the terminal; Ctrl-C stops it without loss."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any, Protocol, TextIO

from data_layer.backfill import KINDS, BackfillRequest, BackfillState
from data_layer.backfill.request import SCOPES

#: Tries at the same place before a backfill gives up; the exchange's own errors are retried inside each of them.
MOST_FAILURES = 3
RETRY_SECONDS = 30.0
_BAR = 24


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what can be asked of a backfill."""
    default = BackfillRequest("candles")
    parser.add_argument("kind", choices=KINDS, help="what is fetched")
    parser.add_argument("--days", type=int, default=default.days, help="how far back (default %(default)s)")
    parser.add_argument(
        "--period", type=int, choices=(1, 60, 1440), default=60, help="minutes of a candlestick (default 60)"
    )
    parser.add_argument("--scope", choices=SCOPES, default=default.scope, help="open or settled markets")
    parser.add_argument(
        "--markets", type=int, default=default.markets, help="how many, the most traded first (default %(default)s)"
    )
    parser.add_argument("--series", type=_words, default=(), help="only of these series, comma-separated")
    parser.add_argument("--tickers", type=_words, default=(), help="exactly these markets, comma-separated")


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip().upper() for word in text.split(",") if word.strip()))


class Filling(Protocol):
    """What fills in history; see `app.context.Context`."""

    def backfill(
        self,
        request: BackfillRequest,
        on_state: Callable[[BackfillState], None],
        most_failures: int,
        retry_seconds: float,
    ) -> BackfillState:
        """Go on until nothing is left, or it failed too often."""

    def close(self) -> None:
        """Free the lake."""


def run(context: Filling, kind: str, period: Any, **asked: Any) -> int:
    """Fill in what was asked for, or go on where the same command stopped; 0 when nothing is left to do."""
    request = BackfillRequest(kind, period_minutes=period, **asked)
    bar = Bar(sys.stderr)
    try:
        state = context.backfill(request, bar.show, MOST_FAILURES, RETRY_SECONDS)
    except KeyboardInterrupt:
        bar.end("Stopped. What was fetched is stored; the same command goes on from here.")
        return 130
    finally:
        context.close()
    bar.end(summary(state))
    return 0 if state.finished else 1


def summary(state: BackfillState) -> str:
    """Say how a backfill ended."""
    unknown = f" {state.unknown:,} could not be had." if state.unknown else ""
    if not state.finished:
        return f"{state.problem} It stands at {_far(state)}; the same command goes on from there."
    return f"Done: {_far(state)}, {state.rows:,} rows stored with {state.requests:,} requests.{unknown}"


class Bar:
    """A line that is drawn over itself in a terminal, and said once in a while anywhere else."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._width = 0

    def show(self, state: BackfillState) -> None:
        """Draw how far it is."""
        share = state.done / state.total if state.total else 1.0
        filled = round(share * _BAR)
        text = (
            f"{state.request.kind} [{'█' * filled}{'░' * (_BAR - filled)}] {_far(state)} · {state.rows:,} rows"
            f"{_left(state)}" + (f" · {state.problem}" if state.problem else "")
        )
        if self._out.isatty():
            self._out.write("\r" + text.ljust(self._width))
            self._width = len(text)
        else:
            self._out.write(text + "\n")
        self._out.flush()

    def end(self, text: str) -> None:
        """Leave the line and say the last word."""
        self._out.write(("\n" if self._width else "") + text + "\n")
        self._out.flush()


def _far(state: BackfillState) -> str:
    unit = "days" if state.request.kind == "settled" else "markets"
    resumed = f" ({state.resumed:,} from an earlier run)" if state.resumed else ""
    return f"{state.done:,} of {state.total:,} {unit}{resumed}"


def _left(state: BackfillState) -> str:
    if state.finished or state.seconds_left is None:
        return ""
    minutes, seconds = divmod(round(state.seconds_left), 60)
    hours, minutes = divmod(minutes, 60)
    said = f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes else f"{seconds} s"
    return f" · about {said} left"
