"""The simulated exchange: the same HTTP API as Kalshi's on loopback, made from one seed.

Belongs here: the simulated world and the Tornado application that serves it. Does not: anything the client needs.
"""

from data_layer.demo.exchange import RunningExchange, serve_forever, start_exchange
from data_layer.demo.faults import FAULTS
from data_layer.demo.world import World

__all__ = ["FAULTS", "RunningExchange", "World", "serve_forever", "start_exchange"]
