"""The framework's parts that would run somebody's text as HTML or script stay unused, found by walking the code.

Which ones do was measured in a browser: Markdown, HTML, Str, Alert, StaticText, titles of cards, accordions and tabs,
tooltips of widgets, MultiChoice, indicators, notifications, and a table's titles, groups and formatters.
What we show instead is tried with payloads in `tests/ui/test_sinks.py`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(p for folder in ("app", "components") for p in (ROOT / folder).rglob("*.py"))
SCRIPTS = sorted((ROOT / "components").glob("*.js"))

#: Classes of the framework that may stand in our code; everything else of it has to be looked at first.
LAYOUTS = {"Column", "Row", "HTML"}
#: The one module that may make the one pane of HTML.
HTML_PANE = "components/markup_pane.py"
#: What may make Markup out of a text that is not a literal.
MARKUP_MAKERS = {"components/text.py", "components/document.py"}

WRITES_HTML = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|srcdoc|setHTML"
    r"|\beval\(|new Function|setTimeout\(\s*[\"'`]|setInterval\(\s*[\"'`]|javascript:|import\(|setAttribute\([\"']on"
)


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Yield the dotted name and the node of every call of a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def literal(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant)


def framework_calls(source: str) -> list[str]:
    """Return what a text of Python makes of the framework's visible parts that is not a plain layout."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and ast.unparse(node).startswith(
            ("pn.pane.", "pn.widgets.", "pn.indicators.")
        ):
            found.append(ast.unparse(node))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"pn.panel", "pn.bind", "pn.rx", "pn.depends"}:
            found.append(ast.unparse(node.func))
        elif isinstance(node, ast.Attribute) and re.fullmatch(
            r"pn\.(Card|Accordion|Tabs|Modal|template\..*)", ast.unparse(node)
        ):
            found.append(ast.unparse(node))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            ("panel.pane", "panel.widgets", "panel.layout")
        ):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "panel_material_ui":
            found += [alias.name for alias in node.names if alias.name != "Page"]
    return found


def test_no_pane_widget_or_card_of_the_framework_is_used_but_the_one_pane_of_markup():
    used = {(name(path), part) for path in SOURCES for part in framework_calls(path.read_text(encoding="utf-8"))}
    assert {(where, part) for where, part in used if (where, part) != (HTML_PANE, "pn.pane.HTML")} == set()


@pytest.mark.parametrize(
    "line",
    [
        "pn.pane.Markdown(title)",
        "pn.pane.Str(title)",
        "pn.panel(title)",
        "pn.Card(a, title=title)",
        "pn.Tabs((title, a))",
        "pn.widgets.StaticText(value=title)",
        "pn.widgets.Tabulator(frame, titles=titles)",
        "pn.indicators.Number(name=title)",
        "from panel_material_ui import Typography",
        "from panel.widgets import MultiChoice",
    ],
)
def test_each_of_them_would_be_found(line):
    assert framework_calls(line)


def test_layouts_are_given_parts_and_no_text():
    """A bare string in a layout becomes Markdown, with HTML in it."""
    texts = [
        f"{name(path)}:{node.lineno}"
        for path in SOURCES
        for called, node in calls(path)
        if called in {f"pn.{layout}" for layout in LAYOUTS} or called.endswith((".append", ".extend"))
        for given in node.args
        if called.startswith("pn.") and (literal(given) or isinstance(given, ast.JoinedStr))
    ]
    assert texts == []


def test_nothing_is_notified():
    said = [name(path) for path in SOURCES if re.search(r"state\.notifications", path.read_text(encoding="utf-8"))]
    assert said == []


def test_the_frame_of_the_page_has_no_title_of_anybody():
    """`<title>` is escaped by the framework, `<meta name="title">` is not: both are constants, the router writes ours."""
    given = [
        keyword
        for path in SOURCES
        for called, node in calls(path)
        if called == "Page"
        for keyword in node.keywords
        if (keyword.arg or "").startswith(("title", "meta_"))
    ]
    assert [ast.unparse(keyword.value) for keyword in given] == ["chrome.NAME"]


def test_markup_is_made_of_literals_and_escaped_values_alone():
    """`Markup(x)` says that x is harmless: it may be said of a literal, and by the two modules that escape."""
    made = [
        f"{name(path)}:{node.lineno} {ast.unparse(node)[:80]}"
        for path in SOURCES
        if name(path) not in MARKUP_MAKERS
        for called, node in calls(path)
        if called == "Markup" and node.args and not all(literal(given) for given in node.args)
    ]
    templates = [
        f"{name(path)}:{node.lineno} {ast.unparse(node)[:80]}"
        for path in SOURCES
        if name(path) not in MARKUP_MAKERS
        for called, node in calls(path)
        if called == "markup" and not literal(node.args[0])
    ]
    assert made + templates == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_our_scripts_set_text_and_never_html(script):
    # A picture that is saved is read as XML and written into a file: it neither runs nor comes into the page.
    text = script.read_text(encoding="utf-8").replace('new DOMParser().parseFromString(text, "image/svg+xml")', "")
    assert WRITES_HTML.findall(text) == []


def test_charts_have_no_channel_that_leads_anywhere():
    """A specification is our code's; what the exchange says is data, and never an address, an image or HTML."""
    for path in sorted((ROOT / "components" / "charts").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"alt\.(Href|Url)\b|mark_image|\bhref=|\burl=", text), name(path)
