"""The lake: Delta tables, snapshots, retention, the writer's lock.

Belongs here: files, commits, hashes. Does not: what the tables mean (`schemas`), questions (`queries`).
"""
