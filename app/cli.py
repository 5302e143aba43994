"""The command line: ``kalshi-dashboard serve | refresh | backfill | status | export | demo``."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from app import backfill_command
from app.settings import Settings, SettingsError, add_arguments
from data_layer.errors import DataLayerError
from data_layer.repository import open_repository

_STORAGE = ("source", "data_dir", "log_level")
_ENGINE = ("memory_limit", "threads", "query_seconds")
_EXCHANGE = ("base_urls", "api_key_file", "requests_per_second", "demo_markets", "demo_seed")
_WORLD = ("demo_markets", "demo_seed")
_LAYOUT = (
    "codec",
    "row_group_rows",
    "quotes_days",
    "minute_candlestick_days",
    "hour_candlestick_days",
    "trades_days",
)
_RHYTHM = ("universe_seconds", "watch_seconds", "series_hours", "watch_markets", "backfill_button")
_SERVING = ("port", "address", "allow_origins", "frame_ancestors", "prefix", "alert_editing", "alert_webhook_private")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code: 0 done, 1 it could not be done, 2 asked wrongly."""
    parser = _parser()
    known, rest = parser.parse_known_args(arguments)
    options = vars(known)
    if rest and "names" in options and not any(word.startswith("-") for word in rest):
        options["names"] += rest  # the parser gives up a list at the first option that stands within it
    elif rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    run = options.pop("run")
    extra = {name: options.pop(name) for name in options.pop("extra", ())}
    try:
        settings = Settings.from_environment(**options)
    except SettingsError as error:
        parser.error(str(error))
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        code: int = run(settings, **extra)
    except DataLayerError as error:
        _complain(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kalshi-dashboard", description="The Kalshi Analytics Dashboard.")
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(required=True, metavar="command")

    serve = commands.add_parser("serve", help="serve the dashboard and keep its data fresh")
    add_arguments(serve, (*_STORAGE, *_SERVING, *_EXCHANGE, *_RHYTHM, *_LAYOUT, *_ENGINE))
    serve.set_defaults(run=_serve)

    refresh = commands.add_parser("refresh", help="fetch everything once and end")
    add_arguments(refresh, (*_STORAGE, *_EXCHANGE, *_LAYOUT, *_ENGINE))
    refresh.set_defaults(run=_refresh)

    backfill = commands.add_parser("backfill", help="fill in history: candles, settled markets or trades")
    add_arguments(backfill, (*_STORAGE, *_EXCHANGE, *_LAYOUT, *_ENGINE))
    backfill_command.add_options(backfill)
    asked = ("kind", "days", "period", "scope", "markets", "series", "tickers")
    backfill.set_defaults(run=_backfill, extra=asked)

    status = commands.add_parser("status", help="say what is stored and how old it is")
    add_arguments(status, _STORAGE)
    status.set_defaults(run=_status)

    export = commands.add_parser(
        "export",
        help="write a stored table, or a table of a page, to a file",
        usage="%(prog)s [options] TABLE TARGET, or %(prog)s [options] --link '?page=…' [--table NAME] TARGET",
    )
    add_arguments(export, (*_STORAGE, *_LAYOUT[:2], *_WORLD))
    export.add_argument(
        "names",
        nargs="+",
        metavar="name",
        help="name of a stored table (see docs/data-dictionary.md; not with --link), then the file (.csv, .parquet) "
        "or folder to write, which must not exist",
    )
    export.add_argument(
        "--link", default="", help="link of a page, as its address says it: one of its tables is written"
    )
    export.add_argument("--table", default="", help="which table of that page, default its first")
    export.add_argument(
        "--partition-by",
        choices=("none", "date", "series", "volume_tier"),
        default="none",
        help="split a folder by this",
    )
    export.set_defaults(run=_export, extra=("names", "link", "table", "partition_by"))

    demo = commands.add_parser("demo", help="serve the simulated exchange alone")
    demo.add_argument("--port", type=int, default=8099, help="port on 127.0.0.1 (default 8099)")
    demo.add_argument("--markets", type=int, default=6000, help="open markets (default 6000)")
    demo.add_argument("--settled", type=int, default=20_000, help="settled markets (default 20000)")
    demo.add_argument("--seed", type=int, default=1, help="one seed is one world (default 1)")
    demo.add_argument("--rate", type=float, default=20.0, help="requests a second before 429; 0 is no limit")
    demo.add_argument(
        "--fault", action="append", default=[], help="a fault to inject; see docs/simulated-exchange.md"
    )
    demo.set_defaults(run=_demo, extra=("port", "markets", "settled", "seed", "rate", "fault"))
    return parser


def _version() -> str:
    try:
        return version("kalshi-dashboard")
    except PackageNotFoundError:
        return "not installed"


def _say(text: str) -> None:
    print(text)  # noqa: T201 - a command line speaks


def _complain(text: str) -> None:
    print(f"kalshi-dashboard: {text}", file=sys.stderr)  # noqa: T201


def _serve(settings: Settings) -> int:
    from app.context import Context, set_context
    from app.serving import build_server

    context = Context(settings)
    set_context(context)
    try:
        server = build_server(
            context.start(),
            settings.port,
            settings.address,
            settings.allow_origins,
            secret=settings.secret,
            prefix=settings.prefix,
            frame_ancestors=settings.frame_ancestors,
        )
        shown = "localhost" if settings.is_loopback else settings.address
        _say(f"The dashboard is at http://{shown}:{server.port}{settings.prefix}/  (Ctrl-C ends it)")
        server.run_until_shutdown()
    except (OSError, ValueError) as error:
        _complain(f"It cannot be served on {settings.address}:{settings.port}: {error}")
        return 1
    finally:
        context.close()
    return 0


def _refresh(settings: Settings) -> int:
    from app.context import Context

    context = Context(settings)
    try:
        reports = context.refresh_once()
    finally:
        context.close()
    for report in reports:
        _say(
            f"{report.kind:<12} {report.outcome:<9} {report.pages:>5} pages {report.rows:>9,} rows "
            f"{report.rejected:>5} rejected {(report.finished or report.started) - report.started:6.1f} s"
            + (f"  {report.error}" if report.error else "")
        )
        for condition in sorted(report.conditions):
            _say(f"             ! {condition}")
    return 0 if all(report.outcome == "complete" for report in reports) else 1


def _backfill(settings: Settings, **asked: Any) -> int:
    from app.context import Context

    return backfill_command.run(Context(settings), **asked)


def _status(settings: Settings) -> int:
    from data_layer.schemas import TABLES
    from data_layer.store import Lake

    found = False
    for root in sorted(settings.data_dir.glob("*")):
        if not (root / "snapshots").is_dir():
            continue
        snapshot = Lake(root).snapshot()
        found = True
        age = datetime.now(UTC) - snapshot.written_time if snapshot.snapshot_id else None
        _say(f"{root}: snapshot {snapshot.snapshot_id}" + (f", written {age} ago" if age else ", empty"))
        for name in TABLES:
            size = snapshot.statistics(name)
            _say(f"  {name:<18} {size.rows:>12,} rows {size.files:>5} files {size.bytes / 1e6:>9.1f} MB")
    if not found:
        _say(f"Nothing is stored under {settings.data_dir}; `kalshi-dashboard refresh` fetches it.")
    return 0 if found else 1


def _export(settings: Settings, names: list[str], link: str, table: str, partition_by: str) -> int:
    if len(names) != (1 if link else 2) or (table and not link):
        _complain("export takes a table and a target; or --link, --table and a target.")
        return 2
    target = Path(names[-1])
    return (
        _export_shown(settings, link, table, target)
        if link
        else _export_stored(settings, names[0], target, partition_by)
    )


def _export_shown(settings: Settings, link: str, table: str, target: Path) -> int:
    from app.page_tables import find, write

    found = find(link, table)
    repository = open_repository(settings.lake_folder(settings.stored_source))
    try:
        rows = write(found, repository, target, datetime.now(UTC))
    finally:
        repository.close()
    _say(f"{rows:,} rows of “{found.export.title}” written to {target}")
    return 0


def _export_stored(settings: Settings, table: str, target: Path, partition_by: str) -> int:
    from data_layer.exporting import TIME_COLUMNS, export_table
    from data_layer.store.export import ExportLayout, ExportPartition

    layout = ExportLayout(
        codec={"uncompressed": "none", "lz4_raw": "lz4"}.get(settings.codec, settings.codec),
        row_group_rows=settings.row_group_rows,
        partition_by=ExportPartition(partition_by),
        time_column=TIME_COLUMNS.get(table, "fetched_time"),
    )
    repository = open_repository(settings.lake_folder(settings.stored_source))
    try:
        rows = export_table(repository, table, target, layout)
    finally:
        repository.close()
    _say(f"{rows:,} rows of {table} written to {target}")
    return 0


def _demo(settings: Settings, port: int, markets: int, settled: int, seed: int, rate: float, fault: list[str]) -> int:
    from data_layer.demo import serve_forever

    serve_forever(
        markets=markets, settled=settled, seed=seed, port=port, requests_per_second=rate or None, faults=fault
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
