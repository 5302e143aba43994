"""Param models, one noun a file: parameters in, frames out.

Belongs here: what a page knows and asks the repository. Does not: Panel panes, widgets, charts, `components`.
"""
