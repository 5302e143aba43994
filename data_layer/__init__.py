"""Data: the wire, the lake, the queries and the formulas. No panel, no altair, nothing of ours outside itself.

Belongs here: everything between Kalshi's JSON and a frame. Does not: anything a person looks at.
"""

from data_layer.repository import MarketRepository, open_repository

__all__ = ["MarketRepository", "open_repository"]
