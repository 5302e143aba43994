"""A Chromium that reaches this machine alone; a test fails when anything else was asked for, or a script failed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

from tests.app.fakes import FakeContext
from tests.app.protocol import Served

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
LIMIT = 60_000

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no browser tests")


@pytest.fixture(scope="module")  # two drivers at a time do not get along
def chromium() -> Iterator[playwright.Browser]:
    if shutil.which(CHROMIUM) is None:
        pytest.skip(f"no Chromium at {CHROMIUM}: no browser tests")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """Serve the usual answers; a module that needs others has a fixture of this name of its own."""
    with Served(FakeContext()) as server:
        yield server


@dataclass
class Watch:
    """What must not happen while a page is open."""

    foreign: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    blocked: tuple[str, ...] = ()

    def check(self, route: playwright.Route) -> None:
        address = route.request.url
        if any(part in address for part in self.blocked):
            route.abort()
        elif urlsplit(address).hostname == "127.0.0.1":
            route.continue_()
        else:
            self.foreign.append(address)
            route.abort()

    def dismiss(self, dialog: playwright.Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def browse(chromium, watch):
    """Open a tab: `browse(address, width=…, height=…, dark=…)`, any option of a browser context."""
    contexts = []

    def open_tab(address: str, width: int = 1300, height: int = 900, **options) -> playwright.Page:
        settings = {"viewport": {"width": width, "height": height}, "timezone_id": "Europe/Paris"} | options
        context = chromium.new_context(**settings)
        contexts.append(context)
        context.set_default_timeout(LIMIT)
        context.route("**/*", watch.check)
        tab = context.new_page()
        tab.on("pageerror", lambda error: watch.failures.append(str(error)))
        tab.on("dialog", watch.dismiss)
        tab.goto(address)
        return tab

    yield open_tab
    for context in contexts:
        context.close()
    assert watch.foreign == [], "something was loaded from outside"
    assert watch.failures == [], "a script failed"
    assert watch.dialogs == [], "text of a market ran as a script"
