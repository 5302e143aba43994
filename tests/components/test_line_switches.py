"""The switches of a chart's lines, and what no component may be called."""

from __future__ import annotations

import importlib
import pkgutil

import panel_material_ui
from panel.custom import ReactiveESM

import components
from components.line_switches import LineSwitches, entry

#: By these ends of a class's name the theme sets properties that only parts of Bokeh plots have (ADR 0115).
TAKEN = ("Axis", "Legend", "ColorBar", "Title", "Grid", "Figure", "HoverTool", "Toolbar", "Rect", "Plot")


def test_no_component_is_called_like_a_part_of_a_plot():
    assert panel_material_ui.__version__
    for module in pkgutil.walk_packages(components.__path__, "components."):
        importlib.import_module(module.name)
    waiting, names = [ReactiveESM], []
    while waiting:
        for found in waiting.pop().__subclasses__():
            waiting.append(found)
            if found.__module__.startswith("components."):
                names.append(found.__name__)
    assert "LineSwitches" in names
    assert [name for name in names if name.endswith(TAKEN)] == []


def test_only_a_line_that_is_there_can_be_switched():
    pressed = []
    switches = LineSwitches(pressed.append, lines=[entry("A", 0, "<b>A</b>", "31 %", shown=True)])
    for message in ({"toggle": "A"}, {"toggle": "B"}, {"toggle": ["A"]}, "A", None, {}):
        switches._handle_msg(message)
    assert pressed == ["A"]
    assert switches.lines == [["A", 1, "<b>A</b>", "31 %", True, "<b>A</b>"]]
