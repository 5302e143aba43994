"""One Viewer a file: widgets from the model, panes built once, content changed in place.

Belongs here: layout of a page. Does not: queries, formulas, chart specs, access to `data_layer`.
"""
