"""The template of a page: the framework's own, the question which theme the browser prefers, and a first picture."""

from __future__ import annotations

from pathlib import Path

#: Cookie of the theme a visitor chose, and of the one the browser prefers.
THEME_COOKIE, SCHEME_COOKIE = "ka_theme", "ka_scheme"

#: The script says the preference in a cookie; where the server did not know it yet, the page is asked for once more
#: before anything of it is painted. Until the page is built its shape stands there in grey, where the framework would
#: darken an empty window under a spinner. No text of anybody is in it.
TEMPLATE = (
    '{% extends "base.html" %}{% block inner_head %}<script>'
    + Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    + "</script>{{ super() }}{% endblock %}{% block loader_css %}"
    + Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
    + "{% endblock %}"
)


def prefers_dark(chosen: str, scheme: str) -> bool:
    """Return whether the first paint is dark: as the visitor chose, else as the browser prefers."""
    return chosen == "dark" if chosen in {"dark", "light"} else scheme == "dark"
