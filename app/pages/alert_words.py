"""What a rule said, told anew in the reader's unit and for his side.

The log and the webhook keep one sentence in percent and cents of YES; a chance and a move up or down are told on the
screen from the values beside it. Spreads, volumes and times are the same for both sides.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from app.alert_rules import measured
from components import formatting
from components.quoting import PriceStyle


def why(item: Any, style: PriceStyle) -> str:
    """Say what made a rule fire, of a `Firing`: ``NO chance is 39¢, was 41¢``."""
    is_move = item.kind == "move"
    if style == PriceStyle() or item.kind not in {"price", "move"} or (is_move and not style.flipped):
        return str(item.why)
    if is_move and item.direction not in {"up", "down"}:
        # A size has no side; of what was kept before the direction was, nobody knows whether it is one.
        return str(item.why) if item.direction else f"{item.why} (of YES)"
    was = "" if item.value_before is None else f", was {value(item.value_before, item, style)}"
    now = value(item.value, item, style)
    chance = style.named("Chance")
    return f"{chance} moved {now} in {item.hours} h{was}" if is_move else f"{chance} is {now}{was}"


def value(number: Decimal, item: Any, style: PriceStyle) -> str:
    """Say one measured value of a `Firing` with its unit."""
    if item.kind == "price" and style != PriceStyle():
        return chance(number, style)
    if item.kind == "move" and item.direction in {"up", "down"}:
        return measured(-number if style.flipped else number, item.unit, signed=True)
    return measured(number, item.unit)


def threshold(item: Any, style: PriceStyle) -> str:
    """Say what the rule of a `Firing` asks for; that of a move is its size."""
    return value(item.threshold, item, style) if item.kind == "price" else measured(item.threshold, item.unit)


def chance(percent: Decimal, style: PriceStyle) -> str:
    """Say a chance of YES in percent (0–100) with its unit, with as many decimals as it has, at most two."""
    decimals = -int(percent.quantize(Decimal("0.01")).normalize().as_tuple().exponent)
    said = style.chance(percent / 100, max(0, decimals) + style.in_odds)
    return said if said == formatting.ABSENT else f"{said}{style.chance_mark or f' {style.mark}'}"
