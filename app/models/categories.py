"""How trading is shared out between categories, and within one of them between its tags."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import param

from app.models.base import PageModel
from app.models.exports import Export
from app.models.pulse import MEASURES
from app.models.table import direction_after
from data_layer.analytics.concentration import effective_parts, herfindahl, shares
from data_layer.questions import Answer

_OPEN = "Open markets alone; combinations of markets are not fetched."
_ESTIMATE = (
    "Dollars are estimates: contracts times the chance of YES; contracts without a chance are left out of them."
)

EXPORTS: dict[str, Export] = {
    "split": Export(
        "Shares",
        lambda source, values, now: source.repository.category_split(values["within"]),
        notes=(_OPEN, _ESTIMATE),
        method="concentration",
    ),
    "days": Export(
        "Contracts a day",
        lambda source, values, now: source.repository.category_days(values["within"]),
        notes=("Only markets whose candlesticks are stored: the most traded, and those that were opened.",),
        method="surge",
    ),
}

#: Words of a link for the columns of the table, and what they sort by.
SORTS = {
    "name": "name",
    "markets": "markets",
    "contracts": "volume_24h_contracts",
    "dollars": "volume_24h_dollars",
    "interest": "open_interest_contracts",
}


class CategoriesModel(PageModel):
    """Shares of the chosen measure, its concentration, and what the last days were like."""

    split = param.ClassSelector(class_=Answer, default=None, allow_None=True, doc="One row per category or tag.")
    rows = param.List(default=[], doc="The same in the chosen order, with `share` of the chosen measure (0–1).")
    days = param.ClassSelector(class_=Answer, default=None, allow_None=True, doc="Contracts by day and name.")
    concentration = param.Parameter(default=None, doc="Herfindahl–Hirschman index of the measure; None without any.")
    effective = param.Parameter(default=None, doc="How many equal parts would be as concentrated; None without any.")
    now = param.Parameter(default=None, doc="When it was asked (UTC datetime).")

    inputs = ("share", "within", "categories_sort", "categories_direction")
    exports = EXPORTS

    def _ask(self) -> dict[str, Any]:
        split, days = self.answer_of("split"), self.answer_of("days")
        rows = split.table.to_pylist()
        amounts = [Decimal(row[MEASURES[self.state.share]]) for row in rows]
        for row, share in zip(rows, shares(amounts), strict=True):
            row["share"] = share
        column, down = SORTS[self.state.categories_sort], self.state.categories_direction == "desc"
        rows.sort(key=lambda row: str(row["name"]).casefold())
        rows.sort(key=lambda row: row[column] if column != "name" else str(row["name"]).casefold(), reverse=down)
        return {
            "split": split,
            "rows": rows,
            "days": days,
            "concentration": herfindahl(amounts),
            "effective": effective_parts(amounts),
            "now": self._now(),
        }

    def sort_by(self, word: str) -> None:
        """Sort by a column, or turn its direction."""
        sort, direction = self.state.categories_sort, self.state.categories_direction
        direction = direction_after(word, sort, direction, {"name"})
        self.state.param.update(categories_sort=word, categories_direction=direction)


def since(days: Answer) -> datetime | None:
    """Return the first day there is anything of."""
    found = days.table["day"].to_pylist()
    return min(found) if found else None
