"""Strict decoding: bytes of one response in, typed rows, rejected rows and named drift out.

Refused outright (KalshiPayloadError): not UTF-8, a byte order mark, not JSON, NaN and Infinity, lone surrogates,
nesting beyond the interpreter's limit, anything but an object on top. A number that fits no double rejects its row.
Of a key sent twice the last one counts, as in most JSON readers.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from data_layer.api import row_kinds, wire
from data_layer.api.page import RejectedRow
from data_layer.api.row_kinds import RowKind
from data_layer.errors import KalshiConnectionError, KalshiPayloadError, SchemaDriftError

T = TypeVar("T", bound=wire.Wire)

Envelope = dict[str, msgspec.Raw]

_EXCERPT_CHARACTERS = 200
_MANY_ROWS = 10
"""From this many rows on, more than half of them bad for one reason is drift; below, all of them (two or more)."""

_decode_envelope = msgspec.json.Decoder(Envelope).decode
_decode_rows = msgspec.json.Decoder(list[msgspec.Raw]).decode
_NULL = msgspec.Raw(b"null")
_decode_any = msgspec.json.Decoder().decode


@dataclass(frozen=True)
class Rows(Generic[T]):
    """The rows of one container: read, rejected, and the keys this version does not know."""

    items: list[T]
    rejected: tuple[RejectedRow, ...] = ()
    unknown_fields: tuple[str, ...] = ()


def decode_envelope(body: bytes) -> Envelope:
    """Check encoding and syntax of a whole response and return its top-level values, still undecoded.

    Raises KalshiConnectionError for JSON that was cut short, KalshiPayloadError for anything else that is wrong.
    """
    excerpt = body[:_EXCERPT_CHARACTERS].decode("utf-8", "replace")
    if body.startswith(b"\xef\xbb\xbf"):
        raise KalshiPayloadError(
            "The answer starts with a byte order mark, which JSON forbids.", body_excerpt=excerpt
        )
    try:
        body.decode("utf-8")
        return _decode_envelope(body)
    except UnicodeDecodeError as error:
        message = f"The answer is not UTF-8 text (byte {error.start})."
        raise KalshiPayloadError(message, body_excerpt=excerpt) from error
    except RecursionError as error:
        raise KalshiPayloadError("The answer is nested too deeply to be data.", body_excerpt=excerpt) from error
    except msgspec.ValidationError as error:
        raise KalshiPayloadError("The answer is JSON, but not an object.", body_excerpt=excerpt) from error
    except msgspec.DecodeError as error:
        if not body.rstrip().endswith(b"}"):
            raise KalshiConnectionError("The answer was cut short.", body_excerpt=excerpt) from error
        raise KalshiPayloadError(f"The answer is not valid JSON: {error}.", body_excerpt=excerpt) from error


def container(envelope: Envelope, name: str) -> list[msgspec.Raw]:
    """Return the raw rows under `name`; a missing, null or non-list container is drift."""
    try:
        return _decode_rows(envelope[name])
    except (KeyError, msgspec.ValidationError) as error:
        found = envelope.get(name)
        raise SchemaDriftError(
            f"container_changed:{name}",
            f"The list '{name}' of the answer is {_shape_of(found)}.",
            body_excerpt=_text_of(found or b""),
        ) from error


def text(envelope: Envelope, name: str) -> str:
    """Return a top-level string, "" if absent or null."""
    if name not in envelope:
        return ""
    value = _decode_any(envelope[name])
    if value is None:
        return ""
    if not isinstance(value, str):
        raise SchemaDriftError(f"type_changed:{name}", f"'{name}' of the answer is no longer text.")
    return value


def decode_object(raw: msgspec.Raw | bytes, kind: RowKind[T]) -> T:
    """Decode one object that is the whole answer; a bad one raises SchemaDriftError with its condition."""
    bad = _BadRows()
    items = _read([msgspec.Raw(raw)], kind, bad)
    if not items:
        condition, reason = bad.first()
        raise SchemaDriftError(condition, f"The answer changed its shape: {reason}.", body_excerpt=_text_of(raw))
    _check_drift(items, lambda: _decode_any(raw), kind, fewest=1)
    return items[0]


def has(envelope: Envelope, name: str) -> bool:
    """Tell whether `name` is there and not null."""
    return name in envelope and bytes(envelope[name]) != b"null"


def decode_whole(body: bytes, struct: type[T]) -> T:
    """Decode a whole answer that is one object without rows, such as the exchange's status."""
    decode_envelope(body)
    return decode_struct(body, struct)


def decode_struct(body: bytes | msgspec.Raw, struct: type[T]) -> T:
    """Decode one object inside an answer; a bad one raises SchemaDriftError with its condition."""
    try:
        return msgspec.json.decode(body, type=struct)
    except msgspec.ValidationError as error:
        condition, reason = _condition(error)
        raise SchemaDriftError(
            condition, f"The answer changed its shape: {reason}.", body_excerpt=_text_of(body)
        ) from error


def decode_rows(raws: Sequence[msgspec.Raw], kind: RowKind[T], *, fewest: int = 2) -> Rows[T]:
    """Decode rows one by one: a bad row is rejected, a response that is bad as a whole raises SchemaDriftError.

    A key that all rows lack is drift from `fewest` rows on: with one row, that row may just be odd.
    """
    bad = _BadRows()
    items = _read(raws, kind, bad)
    bad.check(len(raws))
    if items:
        _check_drift(items, lambda: _decode_any(raws[0]), kind, fewest=fewest)
    return Rows(items, tuple(bad.rejected), _unknown_keys(raws, kind))


def decode_events(raws: Sequence[msgspec.Raw]) -> Rows[wire.Event]:
    """Decode events with their nested markets; a bad market is rejected without its event."""
    outer = decode_rows(raws, _EVENT_ROW)
    bad = _BadRows()
    events: list[wire.Event] = []
    markets: list[wire.Market] = []
    nested: list[msgspec.Raw] = []
    for row in outer.items:
        own = None if row.markets is None else _read(row.markets, row_kinds.MARKET, bad)
        events.append(_event(row, own))
        markets += own or ()
        nested += row.markets or ()
    bad.check(len(nested))
    if markets:
        _check_drift(markets, lambda: _decode_any(nested[0]), row_kinds.MARKET)
    unknown = tuple(f"markets.{key}" for key in _unknown_keys(nested, row_kinds.MARKET))
    return Rows(events, outer.rejected + tuple(bad.rejected), outer.unknown_fields + unknown)


def decode_single_event(envelope: Envelope) -> Rows[wire.Event]:
    """Decode an answer about one event; its markets are inside it, or beside it in the older form."""
    row = decode_object(envelope.get("event", _NULL), _EVENT_ROW)
    raws = row.markets
    if raws is None and has(envelope, "markets"):
        raws = container(envelope, "markets")
    if raws is None:
        return Rows([_event(row, None)])
    markets = decode_rows(raws, row_kinds.MARKET, fewest=1)
    return Rows([_event(row, markets.items)], markets.rejected, markets.unknown_fields)


class _EventRow(wire.Event, frozen=True):
    markets: list[msgspec.Raw] | None = None  # type: ignore[assignment]


_EVENT_ROW = dataclasses.replace(row_kinds.EVENT, struct=_EventRow, decode=msgspec.json.Decoder(_EventRow).decode)  # type: RowKind[Any]


def _event(row: _EventRow, markets: list[wire.Market] | None) -> wire.Event:
    own = {name: getattr(row, name) for name in wire.Event.__struct_fields__ if name != "markets"}
    return wire.Event(**own, markets=markets)


class _BadRows:
    """The rows that could not be read, counted by what was wrong with them."""

    def __init__(self) -> None:
        self.rejected: list[RejectedRow] = []
        self._conditions: Counter[str] = Counter()

    def add(self, raw: msgspec.Raw, kind: RowKind[Any], condition: str, reason: str) -> None:
        self._conditions[condition] += 1
        self.rejected.append(RejectedRow(_key_of(raw, kind), reason, _text_of(raw)))

    def first(self) -> tuple[str, str]:
        """Name the first bad row's condition and reason."""
        return next(iter(self._conditions)), self.rejected[0].reason

    def check(self, total: int) -> None:
        """Raise SchemaDriftError if so many of `total` rows are bad for one reason that it is no accident."""
        if not self.rejected:
            return
        condition, count = self._conditions.most_common(1)[0]
        if (total >= _MANY_ROWS and count > total / 2) or (total > 1 and count == total):
            example = self.rejected[0]
            raise SchemaDriftError(
                condition,
                f"{count} of {total} rows changed their shape in the same way: {example.reason}.",
                body_excerpt=example.excerpt,
            )


def _read(raws: Sequence[msgspec.Raw], kind: RowKind[T], bad: _BadRows) -> list[T]:
    items: list[T] = []
    decode, refuse = kind.decode, kind.refuse
    for raw in raws:
        try:
            item = decode(raw)
        except (msgspec.DecodeError, RecursionError) as error:
            bad.add(raw, kind, *_condition(error))
            continue
        refusal = refuse(item)
        if refusal is None:
            items.append(item)
        else:
            bad.add(raw, kind, f"value_refused:{kind.identity}", refusal)
    return items


def _check_drift(items: Sequence[Any], first_row: Callable[[], Any], kind: RowKind[Any], *, fewest: int = 2) -> None:
    """Raise SchemaDriftError if a key that every row should have is on none of at least `fewest` rows.

    Cents need no second row: the removed integer key is the proof. A lone row without a key stays a row with an
    absent value, so that one odd market can not stop a walk.
    """
    for name, removed in kind.cents.items():
        if any(_value(item, name) is not None for item in items):
            continue
        if _value(first_row(), removed) is not None:
            raise SchemaDriftError(
                "cents_instead_of_dollars",
                f"Prices came as '{removed}' in cents, and '{name}' in dollars is gone.",
                body_excerpt=str(first_row()),
            )
    if len(items) < fewest:
        return
    for name in kind.required:
        if all(_value(item, name) is None for item in items):
            raise SchemaDriftError(
                f"field_removed:{name}", f"No row has '{name}' any more.", body_excerpt=str(first_row())
            )


def _value(row: Any, dotted: str) -> Any:
    """Follow a dotted name through structs or dicts; None where it ends early."""
    for name in dotted.split("."):
        row = row.get(name) if isinstance(row, dict) else getattr(row, name, None)
    return row


_MISSING = re.compile(r"missing required field `([^`]+)`")
_AT = re.compile(r" - at `\$\.?([^`]*)`$")


def _condition(error: Exception) -> tuple[str, str]:
    """Name what is wrong with a row, for counting and for a person."""
    if isinstance(error, RecursionError):
        return "row_too_deep", "nested too deeply"
    message = str(error)
    at = _AT.search(message)
    path = re.sub(r"\[[^]]*\]", "", at.group(1)) if at else ""
    if missing := _MISSING.search(message):
        name = ".".join(filter(None, (path, missing.group(1))))
        return f"field_removed:{name}", f"'{name}' is missing"
    if not isinstance(error, msgspec.ValidationError):
        return "row_not_json", message
    if not path:
        return "row_changed", message
    return f"type_changed:{path}", f"{path}: {message[: at.start()] if at else message}"


def _key_of(raw: msgspec.Raw, kind: RowKind[Any]) -> str | None:
    try:
        key = _value(_decode_any(raw), kind.identity)
    except (msgspec.DecodeError, RecursionError):
        return None
    return key[:_EXCERPT_CHARACTERS] if isinstance(key, str) else None if key is None else str(key)


def _unknown_keys(raws: Sequence[msgspec.Raw], kind: RowKind[Any]) -> tuple[str, ...]:
    """Sample the first row for keys this version does not know; reading them all would double the cost of a page."""
    if not raws:
        return ()
    try:
        keys = _decode_envelope(raws[0]).keys()
    except (msgspec.DecodeError, RecursionError):
        return ()
    return tuple(sorted(keys - kind.known_keys))


def _text_of(raw: msgspec.Raw | bytes) -> str:
    return bytes(raw)[:_EXCERPT_CHARACTERS].decode("utf-8", "replace")


def _shape_of(raw: msgspec.Raw | None) -> str:
    if raw is None:
        return "missing"
    names = {b"n": "null", b"{": "an object", b"[": "a list", b'"': "text", b"t": "a boolean", b"f": "a boolean"}
    return names.get(bytes(raw)[:1], "a number")
