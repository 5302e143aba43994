"""How a named query is run: embedded DuckDB over the files of one snapshot.

Belongs here: connections, limits, hardening, timing. Does not: SQL of questions (`queries/*.sql`).
"""
