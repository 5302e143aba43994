"""The page of an event over recorded responses of the exchange.

The recordings are not part of the project; these tests skip, and say so, where the folder is absent.
"""

from __future__ import annotations

import json

import msgspec
import pytest

from app.models.event import EventModel
from app.pages.event import EventPage
from app.state import State
from data_layer.api import decoding, wire
from tests.app.fakes import FakeContext
from tests.data_layer.test_recorded import RECORDED, events_in
from tests.data_layer.world import World

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason=f"no recorded responses in {RECORDED}")


def recorded_events(name: str) -> list[wire.Event]:
    raws = [msgspec.Raw(msgspec.json.encode(body)) for body in events_in(json.loads((RECORDED / name).read_text()))]
    return list(decoding.decode_events(raws).items)


@pytest.mark.parametrize("name", ["events_sports_nested", "events_mlb_props_nested", "events_nfl_preseason"])
def test_every_recorded_event_has_a_page(tmp_path, name):
    events = recorded_events(f"cockpit/{name}.json")
    with World(tmp_path) as world:
        assert world.crawl(events=events).outcome == "complete"
        context = FakeContext(world.repository)
        context.request_event = lambda event: None
        state = State()
        page = EventPage(EventModel(context, state), state, lambda: "", lambda: None)
        for event in events:
            state.param.update(page="event", event=event.event_ticker)
            page.open()
            page.model.refresh()
            assert not page.model.problem
            assert page.model.totals.outcomes == len(event.markets or [])
            assert len(page.table.rows) == min(50, len(event.markets or []))
            assert ("Overround" in page.head.object) == bool(event.markets)
