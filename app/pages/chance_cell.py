"""The cell of one market's chance, or of what it paid once it is decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components import formatting, quality
from components.quoting import PriceStyle
from components.tables import Cell, cell


def chance_cell(item: Mapping[str, Any], style: PriceStyle) -> Cell:
    """Return the cell: the chance as a bar with the mark of its quote, which only an active market has."""
    if item["result"]:
        paid = item["settlement_value_dollars"]
        if paid is None:
            return cell(formatting.ABSENT, title="decided; what it paid was not sent", tone="muted")
        return cell(style.chance(paid), title=f"decided: paid ${formatting.decimals(paid, 2)} for YES", tone="muted")
    chance, own = item["probability"], style.of(item["probability"])
    return cell(
        style.chance(chance),
        bar=None if own is None else float(own),
        title=quality.about(item["quote_quality"]),
        quality=item["quote_quality"] if item["status"] == "active" else "",
        tone="" if chance is not None else "muted",
    )
