"""Wording: what the members of an event are called, hostile texts included."""

from __future__ import annotations

import re

from data_layer.demo.events import Event, Leg
from data_layer.demo.families import Family
from data_layer.demo.hostile import HOSTILE_TEXTS


class _Blanks(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def fill(form: str, words: dict[str, str], **more: str) -> str:
    """Return a form with its words filled in; unknown ones become nothing."""
    return form.format_map(_Blanks(words, **more))


def bare(label: str) -> str:
    """Return what a ladder's label measures: "2.25%" of "Above 2.25%"."""
    return re.sub(r"^(Above|At least|Over|Before|Below) | (or above|or below|points scored)$|\+ wins$", "", label)


def hostile_text(event: Event, place: int) -> str | None:
    """Return the hostile text planted in a place (0 title, 1 label, 2 rules, 3 sub_title), if there is one."""
    number = event.seed
    if number % 29 != 7 or (number // 29) % 4 != place:
        return None
    return HOSTILE_TEXTS[(number // 116) % len(HOSTILE_TEXTS)]


def event_title(event: Event) -> str:
    """Return the event's title."""
    return hostile_text(event, 0) or fill(event.family.event_title, event.words)


def label_of(event: Event, place: int) -> str:
    """Return what a leg is called."""
    planted = hostile_text(event, 1) if place == 0 else None
    return planted or event.legs[place].label


def participant(leg: Leg) -> str:
    """Return who a leg is about: "Elena Galloway" of "Elena Galloway: 15+"."""
    return leg.label.split(":")[0]


def participant_key(family: Family) -> str:
    """Return the key under which ``custom_strike`` names a participant, such as football_player."""
    teams = family.shape in ("game", "ladder") or family.labels == "teams"
    return f"{(family.tag or 'sports').lower()}_{'team' if teams else 'player'}"
