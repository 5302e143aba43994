"""Filling history in bulk: candlesticks, settled markets and trades, resumable and polite.

Belongs here: what is asked for, the journal of what was done, and the steps between. Does not: the routine refreshes
of `data_layer.ingest`, or how progress is shown.
"""

from data_layer.api.candlestick_plan import Period
from data_layer.backfill.request import KINDS, BackfillRequest, BackfillState
from data_layer.backfill.run import Backfill

__all__ = ["KINDS", "Backfill", "BackfillRequest", "BackfillState", "Period"]
