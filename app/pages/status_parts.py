"""The parts of the Status page: rows of the model in, tables out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.models.status import StatusModel
from app.models.status_exports import LISTED_QUERIES, Condition, Exchange
from app.progress import Progress
from components import formatting
from components.listing import Head, Shown, listing, quiet, section
from components.text import Markup, join

Row = Mapping[str, Any]
Line = list[Shown | str]
Moment = Callable[[datetime | None], str]

#: Outcome of a refresh: sign and tone, so that colour is never the only difference.
OUTCOMES = {"complete": ("✓", ""), "partial": ("!", "amber"), "failed": ("✕", "red")}

CONDITION_WORDS = {
    "drift": "Shape changed",
    "incomplete": "Less filled",
    "failed": "Refresh failed",
    "other": "Notice",
}


def _number(value: float | None, digits: int = 0) -> str:
    return formatting.ABSENT if value is None else formatting.decimals(value, digits)


def _age(moment: datetime | None, now: datetime, say: Moment, tone: str = "") -> Shown:
    return Shown(formatting.age(moment, now), say(moment), tone if moment is not None else "muted")


def _outcome(row: Row) -> Shown:
    sign, tone = OUTCOMES.get(row["outcome"], ("?", "amber"))
    return Shown(f"{sign} {row['outcome']}", row["error"] or "", tone)


def conditions(items: Sequence[Condition], now: datetime, say: Moment) -> Markup:
    """Return what stands against the data: shapes that changed, columns less filled, refreshes that failed."""
    note = "of the newest refresh of each kind"
    if not items:
        return section(
            "Conditions",
            note,
            quiet("None: every column is as full as usual, no shape has changed."),
            info_key="conditions",
        )
    heads = [Head("What"), Head("Said", kind="long"), Head("Refresh"), Head("Seen", kind="number")]
    rows: list[Line] = [
        [
            Shown(CONDITION_WORDS[item.kind], tone="red" if item.kind == "failed" else "amber"),
            item.text,
            item.refresh or formatting.ABSENT,
            _age(item.seen, now, say) if item.seen else Shown(formatting.ABSENT, tone="muted"),
        ]
        for item in items
    ]
    return section("Conditions", note, listing(heads, rows, label="Conditions"), info_key="conditions")


_REFRESH = [
    Head("Outcome", "complete, partial, or failed; the reason on hover"),
    Head("Took s", "From its first request to its commit", "number"),
    Head("Pages", "Pages received", "number"),
    Head("Rows", "Rows stored", "number"),
    Head("Refused", "Rows that could not be believed", "number"),
    Head("Twice", "Rows that came twice; the last counts", "number"),
    Head("Error or condition", "What went wrong, in the words of the program or of the exchange", "long"),
]


def _refresh(row: Row) -> Line:
    took = (row["finished_time"] - row["started_time"]).total_seconds()
    said = " · ".join(filter(None, [row["error"], *row["named"]]))
    return [
        _outcome(row),
        _number(took, 1),
        _number(row["pages"]),
        _number(row["rows"]),
        Shown(_number(row["rejected"]), tone="amber" if row["rejected"] else ""),
        _number(row["duplicates"]),
        Shown(said or formatting.ABSENT, tone="" if said else "muted"),
    ]


def kinds(rows: Sequence[Row], now: datetime, say: Moment) -> Markup:
    """Return the newest refresh of each kind."""
    note = "the newest of each kind"
    if not rows:
        return section("Refreshes", note, quiet("None has ended yet."), info_key="kinds")
    heads = [Head("Refresh"), Head("Ended", kind="number"), *_REFRESH]
    listed: list[Line] = [[row["kind"], _age(row["finished_time"], now, say), *_refresh(row)] for row in rows]
    return section("Refreshes", note, listing(heads, listed, label="Newest refresh of each kind"), info_key="kinds")


def refreshes(rows: Sequence[Row], say: Moment) -> Markup:
    """Return the last refreshes in order."""
    if not rows:
        return Markup()
    heads = [Head("Started", kind="text"), Head("Refresh"), *_REFRESH]
    listed: list[Line] = [[say(row["started_time"]), row["kind"], *_refresh(row)] for row in rows]
    return section(
        "Last refreshes", "newest first", listing(heads, listed, label="Last refreshes"), info_key="refreshes"
    )


def tables(rows: Sequence[Row], now: datetime, say: Moment, link: Markup) -> Markup:
    """Return every stored table: age, rows, files, size, and what it would be as CSV."""
    heads = [
        Head("Table", kind="mono"),
        Head("Newest row", "Age of the newest row, by the table's own time", "number"),
        Head("Rows", kind="number"),
        Head("Files", "Parquet files of the snapshot", "number"),
        Head("Row groups", kind="number"),
        Head("Size kB", "Bytes on disk, in thousands", "number"),
        Head("As CSV kB", "Estimated from the first thousand rows", "number"),
        Head("Smaller ×", "Size as CSV divided by size on disk", "number"),
    ]
    listed: list[Line] = []
    for row in rows:
        empty = not row["rows"]
        ratio = row["csv_bytes"] / row["bytes"] if row["csv_bytes"] and row["bytes"] else None
        tone = "muted" if empty else ""
        listed.append(
            [
                Shown(row["table"], tone=tone),
                _newest(row, now, say),
                Shown(_number(row["rows"]), tone=tone),
                Shown(_number(row["files"]), tone=tone),
                Shown(_number(row["row_groups"]), tone=tone),
                Shown(_kilobytes(row["bytes"]), tone=tone),
                Shown(_kilobytes(row["csv_bytes"]), tone="muted" if row["csv_bytes"] is None else ""),
                Shown(_number(ratio, 1), tone="muted" if ratio is None else ""),
            ]
        )
    total, csv = sum(row["bytes"] for row in rows), sum(row["csv_bytes"] or 0 for row in rows)
    note = f"{sum(row['rows'] for row in rows):,} rows, {formatting.byte_size(total)} on disk"
    note += f", {csv / total:.1f}× smaller than CSV" if total and csv else ""
    return section("Stored tables", note, listing(heads, listed, label="Stored tables"), link=link, info_key="tables")


def _newest(row: Row, now: datetime, say: Moment) -> Shown:
    if not row["rows"]:
        return Shown("empty", tone="muted")
    if row["newest"] is None:
        return Shown(formatting.ABSENT, "Derived from other tables", "muted")
    return _age(row["newest"], now, say)


def _kilobytes(size: int | None) -> str:
    return formatting.ABSENT if size is None else _number(-(-size // 1000))


def rejects(rows: Sequence[Row], total: int, now: datetime, say: Moment) -> Markup:
    """Return the last refused rows with their reasons; excerpts are the exchange's text."""
    if not rows:
        return section("Refused rows", "", quiet("None: every row that came could be believed."), info_key="rejects")
    heads = [
        Head("Refused", kind="number"),
        Head("Table", kind="mono"),
        Head("Key", "Identity of the row, where it had one", "mono"),
        Head("Rule", "Which rule it broke"),
        Head("Reason", "What was wrong"),
        Head("Excerpt", "The row as it came, cut to 500 characters", "long"),
    ]
    listed: list[Line] = [
        [
            _age(row["rejected_time"], now, say),
            row["table_name"],
            Shown(_cut(row["key"], 40), row["key"] or "", "" if row["key"] else "muted"),
            row["rule"],
            Shown(_cut(row["reason"], 60), row["reason"]),
            Shown(row["excerpt"] or formatting.ABSENT, tone="muted"),
        ]
        for row in rows
    ]
    note = f"the last {len(rows)} of {total:,}" if total > len(rows) else f"{len(rows):,}"
    return section(
        "Refused rows",
        f"{note}; kept, never shown as data",
        listing(heads, listed, label="Refused rows"),
        info_key="rejects",
    )


def _cut(text: str | None, limit: int) -> str:
    return formatting.ABSENT if not text else text if len(text) <= limit else f"{text[: limit - 1]}…"


def queries(rows: Sequence[Row], slow: Sequence[Row], say: Moment) -> Markup:
    """Return how long questions take, and the slow ones."""
    if not rows:
        return section("Queries", "", quiet("None was asked yet."), info_key="queries")
    heads = [
        Head("Question", kind="mono"),
        Head("Calls", "Among the last 2,000; answers from memory are not counted", "number"),
        Head("Median ms", kind="number"),
        Head("p95 ms", "19 of 20 were faster", "number"),
        Head("Longest ms", kind="number"),
        Head("Errors", "Failed, or stopped at the time limit", "number"),
    ]
    listed: list[Line] = [
        [
            row["query"],
            _number(row["calls"]),
            _number(row["median_ms"], 1),
            _number(row["p95_ms"], 1),
            _number(row["longest_ms"], 1),
            Shown(_number(row["errors"]), tone="red" if row["errors"] else "muted"),
        ]
        for row in rows[:LISTED_QUERIES]
    ]
    body = section(
        "Queries", "of this process, the longest first", listing(heads, listed, label="Queries"), info_key="queries"
    )
    if not slow:
        return join([body, section("Slow queries", "", quiet("None took longer than a second."), info_key="slow")])
    slow_heads = [Head("Question", kind="mono"), Head("Took ms", kind="number"), Head("Rows", kind="number")]
    slow_heads += [Head("Asked"), Head("Error", kind="long")]
    slow_rows: list[Line] = [
        [
            row["name"],
            _number(row["milliseconds"], 0),
            _number(row["rows"]),
            say(row["started"]),
            row["error"] or formatting.ABSENT,
        ]
        for row in slow
    ]
    slowest = listing(slow_heads, slow_rows, label="Slow")
    return join([body, section("Slow queries", "over a second, newest first", slowest, info_key="slow")])


def _pairs(rows: Sequence[tuple[str, Shown | str]], label: str, first: str = "", second: str = "") -> Markup:
    return listing([Head(first), Head(second, kind="long")], list(rows), label=label)


def exchange(said: Exchange, now: datetime, say: Moment) -> Markup:
    """Return what the client of the exchange's API did, against its limits."""
    share = said.last_minute / said.limit_a_minute if said.limit_a_minute else None
    used = f"{said.last_minute:,}" + (f" of {said.limit_a_minute:,}" if said.limit_a_minute else "")
    failures = ", ".join(f"{kind} {number:,}" for kind, number in said.failures) or "none"
    breaker = {"closed": "closed: asking", "open": "open: not asking for a while", "probing": "probing: asking once"}
    error = Shown("none", tone="muted")
    if said.last_error:
        error = Shown(f"{formatting.age(said.last_error_time, now)}: {said.last_error}", say(said.last_error_time))
    rows: list[tuple[str, Shown | str]] = [
        ("Host", said.host),
        ("Requests in the last minute", Shown(used, tone="amber" if share is not None and share > 0.95 else "")),
        ("Requests since the start", f"{said.requests:,}, {formatting.byte_size(said.bytes_received)} received"),
        ("Sent again", f"{said.retries:,}"),
        ("Refused as too many (429)", Shown(f"{said.rate_limited:,}", tone="amber" if said.rate_limited else "")),
        ("Failures", Shown(failures, tone="muted" if not said.failures else "")),
        (
            "Circuit breaker",
            Shown(breaker.get(said.breaker, said.breaker), tone="" if said.breaker == "closed" else "red"),
        ),
        ("Last good answer", Shown(formatting.age(said.last_success, now), say(said.last_success))),
        ("Last error", error),
    ]
    return section(
        "Exchange’s API", "this process", _pairs(rows, "Exchange’s API", "Figure", "Value"), info_key="exchange"
    )


def damage(rows: Sequence[Row], now: datetime, say: Moment) -> Markup:
    """Return the files that are not what was written."""
    if not rows:
        return section(
            "Damaged files", "", quiet("None: every file that was opened is as it was written."), info_key="damaged"
        )
    heads = [Head("Table", kind="mono"), Head("Rows", kind="number"), Head("Seen", kind="number")]
    heads += [Head("Reason"), Head("File", "Set aside under quarantine; its rows are fetched again", "long")]
    listed: list[Line] = [
        [
            row["table"],
            _number(row["rows"]),
            _age(row["seen_time"], now, say),
            Shown(row["reason"], tone="red"),
            row["path"],
        ]
        for row in rows
    ]
    return section(
        "Damaged files", "never shown; set aside", listing(heads, listed, label="Damaged files"), info_key="damaged"
    )


def process(model: StatusModel) -> Markup:
    """Return what this process is: its part, its sessions and memory, and its releases."""
    progress = model.freshness.progress if model.freshness is not None else Progress()
    rows: list[tuple[str, Shown | str]] = [
        ("Part", "writer: fetches and stores" if progress.writes else "reader: another process fetches"),
        ("Working on", _stage(progress.stage, progress.done, progress.total)),
        ("Open sessions", f"{model.sessions:,}"),
        ("Memory", formatting.byte_size(model.memory_bytes)),
    ]
    return section("This process", "", _pairs(rows, "This process", "Figure", "Value"), info_key="process")


def releases(rows: Sequence[tuple[str, str]]) -> Markup:
    """Return the program and its libraries with their releases."""
    return section(
        "Releases",
        "",
        listing([Head("Of", kind="mono"), Head("Release")], list(rows), label="Releases"),
        info_key="releases",
    )


def _stage(stage: str, done: int, total: int | None) -> str:
    if stage == "idle":
        return "nothing is due"
    return f"{stage}, {done:,} of about {total:,}" if total else f"{stage}, {done:,} pages" if done else stage


def settings(rows: Sequence[tuple[str, str, bool]], link: Markup) -> Markup:
    """Return every setting but secrets; those that were changed stand out."""
    heads = [Head("Setting", kind="mono"), Head("Value", kind="long"), Head("", "")]
    listed: list[Line] = [
        [
            name,
            Shown(value or "none", tone="" if value else "muted"),
            Shown("changed" if changed else "", tone="muted"),
        ]
        for name, value, changed in rows
    ]
    return section(
        "Settings", "without secrets", listing(heads, listed, label="Settings"), link=link, info_key="settings"
    )
