"""Questions about how trading is shared out between categories, and within one between its tags."""

from __future__ import annotations

from datetime import timedelta

from data_layer.questions import Answer
from data_layer.view import Questions

#: Days of history that are shared out.
HISTORY_DAYS = 30


class CategoryQuestions(Questions):
    """What is asked of categories."""

    def category_split(self, category: str = "") -> Answer:
        """Return open markets, contracts, estimated dollars and open interest by category, or by tag within one."""
        return self._view().plain("category_split", {"category": category})

    def category_days(self, category: str = "") -> Answer:
        """Return contracts a US-Eastern day by category or tag, the last 30 days, of markets with stored days."""
        first = (self._minute() - timedelta(days=HISTORY_DAYS)).date()
        values = {"category": category, "first_day": first, "first_month": f"{first:%Y-%m}"}
        return self._view().plain("category_days", values)
