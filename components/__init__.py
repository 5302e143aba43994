"""Presentation: DataFrames and plain values in; charts, tables and text out.

Belongs here: theme, formatting, escaping, tables, cards, notices, the router, charts. Imports none of ours.
"""
