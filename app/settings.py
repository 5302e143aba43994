"""Everything that can be set, once: the only reader of the environment.

Each field is an option of the command line (``--data-dir``) and an environment variable (``KALSHI_DATA_DIR``); the
command line wins. The table in README.md is checked against this file.
"""

# ruff: noqa: RUF009 - `_option` returns dataclass fields
from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from app.webhook import checked_address
from data_layer.api import BASE_URLS
from data_layer.store import LakeSettings


class SettingsError(ValueError):
    """A setting has a value that cannot be used; the message names the variable and what is allowed."""


def _option(default: Any, help: str, choices: Sequence[str] = (), secret: bool = False) -> Any:
    metadata = {"help": help, "choices": tuple(choices), "secret": secret}
    if isinstance(default, tuple):
        return field(default=default, metadata=metadata)
    return field(default=default, metadata=metadata, repr=not secret)


@dataclass(frozen=True)
class Settings:
    """How this process runs. Sizes in rows or bytes text ("2GB"), times in seconds unless the name says otherwise."""

    source: str = _option(
        "auto",
        "where data come from: live, demo, or auto (live, else what is stored, else demo)",
        choices=("auto", "live", "demo"),
    )
    data_dir: Path = _option(Path("data"), "folder of the lake; one sub-folder per source")
    port: int = _option(5006, "port to serve on (PORT is read too)")
    address: str = _option("127.0.0.1", "address to listen on; anything but loopback needs KALSHI_SECRET")
    allow_origins: tuple[str, ...] = _option((), "host:port of pages that may open the websocket, comma-separated")
    frame_ancestors: tuple[str, ...] = _option(
        (), "origins of pages that may frame it (https://host), comma-separated"
    )
    prefix: str = _option("", "path prefix when served behind a proxy, e.g. /tools/kalshi")
    secret: str = _option("", "secret that signs sessions, at least 32 characters; random when empty", secret=True)
    base_urls: tuple[str, ...] = _option(BASE_URLS, "base addresses of the exchange's API, comma-separated")
    api_key_id: str = _option("", "id of an API key, for higher limits; not needed", secret=True)
    api_key_file: Path | None = _option(None, "private key file (PEM, mode 0600) of that key")
    requests_per_second: float = _option(3.0, "sustained request rate; never above 5 in any second without a key")
    universe_seconds: float = _option(900.0, "how often the whole open universe is fetched")
    watch_seconds: float = _option(30.0, "how often the watched markets' quotes are fetched")
    series_hours: float = _option(24.0, "how often all series are fetched, in hours")
    watch_markets: int = _option(200, "how many of the most traded markets are always watched")
    memory_limit: str = _option("2GB", "memory of the query engine")
    threads: int = _option(min(4, os.cpu_count() or 1), "threads of the query engine")
    query_seconds: float = _option(10.0, "time limit of one query")
    codec: str = _option("zstd", "Parquet codec", choices=("zstd", "snappy", "lz4_raw", "gzip", "uncompressed"))
    row_group_rows: int = _option(61_440, "rows of a Parquet row group")
    quotes_days: float = _option(90.0, "days the quote history is kept")
    minute_candlestick_days: float = _option(14.0, "days 1-minute candlesticks are kept")
    hour_candlestick_days: float = _option(400.0, "days hourly candlesticks are kept")
    trades_days: float = _option(30.0, "days trades are kept")
    backfill_button: str = _option(
        "auto",
        "whether the Status page may fill in history: on, off, or auto (where only this machine can connect)",
        choices=("auto", "on", "off"),
    )
    alert_editing: str = _option(
        "on",
        "whether visitors may make, pause and delete rules of alerts: off on a shared server",
        choices=("on", "off"),
    )
    alert_webhook: str = _option("", "https address that alerts are posted to as JSON; none when empty", secret=True)
    alert_webhook_private: str = _option(
        "off", "whether that address may be http, or of this machine or network", choices=("on", "off")
    )
    demo_markets: int = _option(6000, "open markets of the simulated exchange")
    demo_seed: int = _option(1, "seed of the simulated exchange")
    log_level: str = _option("INFO", "log level", choices=("DEBUG", "INFO", "WARNING", "ERROR"))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
        """Read the environment; `overrides` that are not None win. Raises SettingsError naming the variable."""
        environment = os.environ if environment is None else environment
        values: dict[str, Any] = {}
        for item in fields(cls):
            given = overrides.get(item.name)
            text = environment.get(variable(item.name)) or (environment.get("PORT") if item.name == "port" else None)
            if given is not None:
                values[item.name] = given
            elif text:
                values[item.name] = parse(item.name, text)
        settings = cls(**values)
        settings._check()
        return settings

    def _check(self) -> None:
        for item in fields(self):
            allowed = item.metadata["choices"]
            if allowed and getattr(self, item.name) not in allowed:
                raise SettingsError(f"{variable(item.name)} must be one of {', '.join(allowed)}.")
        if not 0 <= self.port <= 65535:
            raise SettingsError(f"{variable('port')} must be a port, 0 to 65535.")
        for name in ("requests_per_second", "universe_seconds", "watch_seconds", "query_seconds", "demo_markets"):
            if getattr(self, name) <= 0:
                raise SettingsError(f"{variable(name)} must be above 0.")
        if self.alert_webhook:
            try:
                checked_address(self.alert_webhook, private=self.alert_webhook_private == "on")
            except ValueError as error:
                raise SettingsError(f"KALSHI_ALERT_WEBHOOK cannot be used: {error}.") from error
        if self.secret and len(self.secret) < 32:
            raise SettingsError("KALSHI_SECRET must have at least 32 characters.")
        if not self.is_loopback and not self.secret:
            raise SettingsError(
                f"Listening on {self.address} makes the dashboard public: set KALSHI_SECRET (32 characters or more), "
                "and put authentication in front of it."
            )

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can connect."""
        return self.address in {"127.0.0.1", "localhost", "::1"}

    @property
    def may_backfill(self) -> bool:
        """Whether visitors may start a backfill."""
        return self.backfill_button == "on" or (self.backfill_button == "auto" and self.is_loopback)

    @property
    def stored_source(self) -> str:
        """The source whose stored data are meant: live, unless demo was asked for."""
        return "demo" if self.source == "demo" else "live"

    def lake_folder(self, source: str) -> Path:
        """Return the folder of a source's lake: one for live, one for each simulated world, never mixed."""
        name = "live" if source == "live" else f"demo-{self.demo_seed}-{self.demo_markets}"
        return self.data_dir / name

    @property
    def layout(self) -> LakeSettings:
        """How the lake is laid out and how long it keeps things."""
        defaults = LakeSettings()
        return replace(
            defaults,
            codec=self.codec,
            codec_level=defaults.codec_level if self.codec == defaults.codec else None,
            row_group_rows=self.row_group_rows,
            retention_days={**defaults.retention_days, "quotes": self.quotes_days, "trades": self.trades_days},
            candlestick_retention_days={
                **defaults.candlestick_retention_days,
                1: self.minute_candlestick_days,
                60: self.hour_candlestick_days,
            },
        )


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return f"KALSHI_{name.upper()}"


def parse(name: str, text: str) -> Any:
    """Read the value of the setting `name` from text; SettingsError when it cannot be read."""
    default = next(f for f in fields(Settings) if f.name == name).default
    if default is MISSING:
        raise SettingsError(f"{variable(name)} has no default.")
    try:
        if name == "api_key_file" or isinstance(default, Path):
            return Path(text).expanduser()
        if isinstance(default, tuple):
            return tuple(part.strip() for part in text.split(",") if part.strip())
        return type(default)(text)
    except ValueError as error:
        raise SettingsError(f"{variable(name)}={text[:80]!r} is not a valid {type(default).__name__}.") from error


def add_arguments(parser: argparse.ArgumentParser, names: Sequence[str]) -> None:
    """Add settings as options; they default to None, so that the environment can speak."""
    by_name = {item.name: item for item in fields(Settings)}
    for name in names:
        item = by_name[name]

        def convert(text: str, name: str = name) -> Any:
            try:
                return parse(name, text)
            except SettingsError as error:
                raise argparse.ArgumentTypeError(str(error)) from error

        parser.add_argument(
            f"--{name.replace('_', '-')}",
            type=convert,
            choices=item.metadata["choices"] or None,
            default=None,
            help=f"{item.metadata['help']} [{variable(name)}, default {_shown(item.default)}]",
        )


def _shown(default: Any) -> str:
    if isinstance(default, tuple):
        return ", ".join(default) or "none"
    return str(default) if default not in (None, "") else "none"


def options_table() -> str:
    """Return the configuration table of README.md."""
    lines = ["| option | variable | default | meaning |", "|---|---|---|---|"]
    for item in fields(Settings):
        shown = "cores, up to 4" if item.name == "threads" else _shown(item.default)
        option = "" if item.metadata["secret"] else f"`--{item.name.replace('_', '-')}`"
        lines.append(f"| {option} | `{variable(item.name)}` | {shown} | {item.metadata['help']} |")
    return "\n".join(lines)
