"""Harmless: says that it was imported. No test but the one that forbids it may import it."""

IMPORTED = True
