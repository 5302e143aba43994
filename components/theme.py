"""Colours, type and surfaces of the screen, light and dark, in one place.

The page reads them as CSS variables (``--ka-…``), the charts as plain values. One meaning each: accent is what can be
clicked; up/down is blue/orange; amber is stale or partial; red is an error; violet is simulated data.
"""

from __future__ import annotations

from typing import Any

FONT = "Roboto, Inter, system-ui, -apple-system, 'Segoe UI', sans-serif"
MONO = "'Roboto Mono', ui-monospace, 'SFMono-Regular', Menlo, Consolas, 'DejaVu Sans Mono', monospace"

#: A category's colour is the same on every page; text on it has the colour of the surface. Others share the last one.
CATEGORIES = (
    "sports",
    "elections",
    "politics",
    "entertainment",
    "financials",
    "economics",
    "climate and weather",
    "science and technology",
    "crypto",
    "companies",
    "mentions",
    "commodities",
    "other",
)


def category_colour(category: object) -> str:
    """Return the name of a category's colour in a palette, ``category-1`` to ``category-13``."""
    known = str(category or "").strip().lower()
    return f"category-{CATEGORIES.index(known if known in CATEGORIES else 'other') + 1}"


#: Colours of the lines of a chart with several, in order; the last one is for the sum of what has no line of its own.
SERIES = 11


def _series(colours: str) -> dict[str, str]:
    return {f"series-{n}": colour for n, colour in enumerate(colours.split(), 1)}


def _categories(colours: str) -> dict[str, str]:
    return {f"category-{n}": colour for n, colour in enumerate(colours.split(), 1)}


#: Every pair of text and surface holds a contrast of 4.5:1; a test computes it.
LIGHT = {
    "surface": "#ffffff",
    "raised": "#f6f7f9",
    "hover": "#eef3f5",
    "text": "#1b2229",
    "muted": "#5a6672",
    "line": "#e1e5ea",
    "grid": "#edf0f3",
    "accent": "#00707a",
    "accent-soft": "#e0f1f2",
    "up": "#0b62b8",
    "down": "#b34700",
    "up-soft": "#dbe9f7",
    "down-soft": "#fbe3d3",
    "amber": "#7a5200",
    "amber-soft": "#fdf1d6",
    "red": "#b3261e",
    "red-soft": "#fbe6e4",
    "violet": "#5b33a8",
    "violet-soft": "#efe8fb",
    **_series("#2367b5 #b54708 #1d7a4c #8d3fa3 #b3203f #7a5b00 #5a50cc #8a4b2a #527016 #a83279 #66727f"),
    **_categories(
        "#3f69a8 #8a4a9c #a63f68 #93651c #2f7a54 #5d7418 #23788a #6355b8 #8c5a2b #6b6478 #ab4a52 #77674a #66727f"
    ),
}
DARK = {
    "surface": "#12171c",
    "raised": "#191f26",
    "hover": "#1e262e",
    "text": "#e4e8ec",
    "muted": "#98a4b0",
    "line": "#2a323b",
    "grid": "#222a32",
    "accent": "#4cc3c7",
    "accent-soft": "#12363a",
    "up": "#6cb2ff",
    "down": "#ff9d57",
    "up-soft": "#173352",
    "down-soft": "#43270f",
    "amber": "#f2bd4e",
    "amber-soft": "#352a12",
    "red": "#ff8f86",
    "red-soft": "#3a1d1b",
    "violet": "#c4a8ff",
    "violet-soft": "#2a2140",
    **_series("#6aaef5 #ff9d57 #6bcf97 #d69ae8 #ff8b98 #e3c14f #b0a5f0 #d6a07a #b5cc6c #f09acb #98a4b0"),
    **_categories(
        "#8fb4e6 #cb9fda #e594b4 #dcb466 #82c9a0 #b5cc6c #70c6d4 #b0a5f0 #d6a673 #b7b0c2 #eb9aa0 #c6b08c #98a4b0"
    ),
}


def palette(dark: bool) -> dict[str, str]:
    """Return the colours of one theme by name."""
    return DARK if dark else LIGHT


def _variables(colours: dict[str, str]) -> str:
    return "".join(f"--ka-{name}:{value};" for name, value in colours.items())


#: Variables are inherited into every shadow root; the router marks the document's root element in the dark theme.
DARK_ATTRIBUTE = 'data-ka-theme="dark"'
PAGE_CSS = f"""
:root {{ {_variables(LIGHT)} color-scheme: light; }}
:root[{DARK_ATTRIBUTE}] {{ {_variables(DARK)} color-scheme: dark; }}
:root {{ --ka-font: {FONT}; --ka-mono: {MONO}; }}
:root[data-ka-starting] {{ --ka-rail: none; }}
body {{ margin: 0; overflow: hidden; font-family: var(--ka-font); background: var(--ka-surface); }}
.ka-skip {{ position: fixed; left: 8px; top: -60px; z-index: 2000; padding: 8px 14px; border-radius: 4px;
  font: 500 14px/1.4 var(--ka-font); color: var(--ka-surface); background: var(--ka-accent); }}
.ka-skip:focus {{ top: 8px; }}
#vg-tooltip-element.ka-theme {{ font: 12px/1.5 var(--ka-font); font-variant-numeric: tabular-nums; padding: 8px 10px;
  color: var(--ka-text); background: var(--ka-surface); border: 1px solid var(--ka-line); border-radius: 4px;
  box-shadow: 0 2px 10px rgba(0, 0, 0, .12); white-space: pre-line; max-width: min(420px, 90vw); }}
#vg-tooltip-element.ka-theme table tr td.key {{ color: var(--ka-muted); padding-right: 10px; text-align: left; }}
#vg-tooltip-element.ka-theme table tr td.value {{ text-align: right; max-width: none; }}
"""

#: On a narrow window that is no phone the rail begins open, as on a wide one: it is not seen until the server knows.
RAIL_CSS = "@media (max-width: 599px) { .MuiDrawer-root.MuiDrawer-modal { display: var(--ka-rail, flex); } }"


def scoped_css(dark: bool) -> str:
    """Return the style of a view inside a page that is not ours: the same variables, on the view alone.

    ``--ka-whole-only`` hides what works in the whole dashboard alone.
    """
    mode = "dark" if dark else "light"
    return f"""
:host {{ {_variables(palette(dark))} --ka-font: {FONT}; --ka-mono: {MONO}; color-scheme: {mode};
  font-family: var(--ka-font); color: var(--ka-text); background: var(--ka-surface); --ka-whole-only: none; }}
"""


def material(dark: bool) -> dict[str, Any]:
    """Return the Material theme of one mode: flat surfaces, hairlines, a slim bar of 48 px."""
    colours = palette(dark)
    return {
        "palette": {
            "mode": "dark" if dark else "light",
            "primary": {"main": colours["accent"]},
            "background": {"default": colours["surface"], "paper": colours["surface"]},
            "text": {"primary": colours["text"], "secondary": colours["muted"]},
            "divider": colours["line"],
        },
        "typography": {"fontFamily": FONT, "fontSize": 13},
        "mixins": {"toolbar": {"minHeight": 48}},
        "components": {
            "MuiAppBar": {
                "defaultProps": {"elevation": 0},
                "styleOverrides": {
                    "root": {
                        "backgroundColor": colours["surface"],
                        "backgroundImage": "none",
                        "color": colours["text"],
                        "borderBottom": f"1px solid {colours['line']}",
                    },
                },
            },
            "MuiLinearProgress": {"styleOverrides": {"root": {"display": "none"}}},
            "MuiToolbar": {"styleOverrides": {"root": {"paddingLeft": "16px", "paddingRight": "12px"}}},
            # A ripple is all the framework shows of where the keyboard stands.
            "MuiButtonBase": {
                "styleOverrides": {
                    "root": {
                        "&.Mui-focusVisible": {"outline": f"2px solid {colours['accent']}", "outlineOffset": "-2px"}
                    }
                }
            },
            "MuiDrawer": {
                # On a phone it is a dialog, which has to have a name.
                "defaultProps": {"slotProps": {"paper": {"aria-label": "Pages"}}},
                "styleOverrides": {
                    "paper": {"backgroundColor": colours["raised"], "borderRight": f"1px solid {colours['line']}"}
                },
            },
        },
    }


MATERIAL = {"light": material(False), "dark": material(True)}
