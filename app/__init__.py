"""Composition: the only floor that knows all the others (settings, context, shell, pages, serving).

Belongs here: wiring, session state, links, pages and their models. Does not: HTTP, SQL, file formats, chart specs.
Absolute imports only: `panel serve app` runs this file a second time under another name.
"""
