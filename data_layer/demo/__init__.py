"""The simulated exchange: the same HTTP API as Kalshi's on loopback, made from one seed.

Belongs here: the simulated world and the Tornado application that serves it. Does not: anything the client needs.
"""
