"""What stands around every page: the rail of pages, the badge of freshness, and the bands over the page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from app import url
from app.models.freshness import Freshness
from app.pages import PAGES
from app.progress import Progress
from components import formatting
from components.feedback import band
from components.text import Markup, join, markup

NAME = "Kalshi Analytics"


def rail(page: str, shared: Mapping[str, str], news: Mapping[str, int]) -> Markup:
    """Return the links to the pages, the present one marked; they carry what all links of the session share.

    `news` says how much is new on a page.
    """
    present = PAGES[page].within or page if page in PAGES else ""
    items = [
        markup(
            '<a class="{place}" href="{href}" {current}><svg viewBox="0 0 24 24" width="20" height="20"'
            ' aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round">'
            '<path d="{d}"/></svg>'
            "<span>{name}</span>{new}</a>",
            new=_count(news.get(slug, 0)),
            place="foot" if listed.foot else "",
            href=url.link(slug, **shared),
            current=Markup('aria-current="page"') if slug == present else Markup(),
            d=listed.outline,
            name=listed.name,
        )
        for slug, listed in PAGES.items()
        if listed.name
    ]
    return markup('<nav aria-label="Pages">{items}</nav>', items=join(items))


def _count(new: int) -> Markup:
    if not new:
        return Markup()
    return markup(
        '<b class="new"><span class="unseen">, </span>{n}<span class="unseen"> new</span></b>',
        n=str(new) if new < 100 else "99+",
    )


def badge(state: Freshness, now: datetime, zone: str, local: str, status: str) -> Markup:
    """Return the badge: source, number of markets, and the age of what is shown; details on hover."""
    info, progress = state.info, state.progress
    if info is None or info.as_of is None:
        return markup('<a class="badge none" href="{href}"><i></i><b>no data yet</b></a>', href=status)
    source = "simulated" if progress.simulated or info.source == "demo" else info.source
    details = [
        f"Open universe received {formatting.moment(info.as_of, zone, local)}",
        f"Newest quote {formatting.moment(info.quotes_as_of, zone, local)}",
        f"{info.open_markets:,} open markets, {info.events:,} events, {info.series:,} series",
        f"Snapshot {info.snapshot_id}, source {info.source}",
        f"{info.rejected:,} rows refused" if info.rejected else "No row was refused",
    ]
    if progress.failed_pages:
        details.append(f"{progress.failed_pages} pages failed")
    details += list(info.conditions)
    work = working(progress)
    details += [f"Working on {work}"] if work else []
    extra = [f"{info.rejected:,} refused"] if info.rejected else []
    extra += [f"{progress.failed_pages} pages failed"] if progress.failed_pages else []
    extra += (
        [f"{len(info.conditions)} warnings" if len(info.conditions) > 1 else "1 warning"] if info.conditions else []
    )
    return markup(
        '<a class="badge {tone}" href="{href}" title="{title:1500}" aria-label="Data: {age}, {source}. Status">'
        '<i></i><b>{age}</b><span class="source">{source}</span><span class="more">{markets} markets</span>'
        "{extra}{work}</a>",
        href=status,
        work=markup('<span class="more work">{work}</span>', work=work) if work else Markup(),
        tone=state.tone,
        title="  ·  ".join(details),
        age=formatting.age(info.as_of, now),
        source=source,
        markets=f"{info.open_markets:,}",
        extra=join([markup('<span class="more warn">{text}</span>', text=text) for text in extra]),
    )


#: What the process is doing, in words; what is over in a moment (quotes of the watch set) is not worth a word.
WORK = {
    "universe": "open markets",
    "series": "series",
    "settled": "settled markets",
    "milestones": "milestones",
    "histories": "histories",
    "candlesticks": "candlesticks",
    "maintenance": "maintenance",
}


def _far(progress: Progress) -> str:
    unit = "markets" if progress.stage == "histories" else "pages"
    if progress.total and progress.done <= progress.total:
        return f"{progress.done:,} of about {progress.total:,} {unit}"
    return f"{progress.done:,} {unit}" if progress.done else ""


def working(progress: Progress) -> str:
    """Return what is being fetched or done, and how far it is; empty while nothing is."""
    if progress.stage not in WORK:
        state = progress.backfill
        far = f" {state.done:,} of {state.total:,}" if state else ""
        return f"backfill{far}" if progress.backfilling else ""
    return f"{WORK[progress.stage]} {_far(progress)}".rstrip()


def crawling(progress: Progress) -> str:
    """Return how far the crawl of the open markets is; empty while there is none."""
    return (_far(progress) or "started") if progress.stage == "universe" else ""


def bands(state: Freshness, now: datetime, notes: tuple[str, ...], zone: str, local: str, more: Markup) -> Markup:
    """Return the bands over the page, most important first: simulated, error, stale, partial, progress, notes.

    `more` is the link to the Status page, nothing on that page itself: it lists the warnings anyway.
    """
    info, progress = state.info, state.progress
    shown: list[Markup] = []
    if progress.simulated or (info is not None and info.source == "demo"):
        reason = "Everything here is invented by the simulation."
        if progress.live_unreachable_since is not None:
            reason = f"Live is unreachable since {formatting.clock(progress.live_unreachable_since, zone, local)}"
            if progress.next_attempt is not None:
                reason += f", trying again in {formatting.duration(max(progress.next_attempt - now, now - now))}"
            reason += "."
        shown.append(band("simulated", "Simulated exchange: not Kalshi’s prices.", reason))
    crawling = progress.stage in {"starting", "universe"} and (info is None or info.as_of is None)
    if state.problem:
        shown.append(band("error", "Stored data cannot be read.", state.problem, more))
    if crawling:
        shown.append(_crawl(state))
    elif progress.error:
        since = ""
        if progress.live_unreachable_since is not None and not progress.simulated:
            since = f" It fails since {formatting.clock(progress.live_unreachable_since, zone, local)}."
        reason = f"{_sentence(progress.error)}{since}"
        if state.tone == "stale" and info is not None:
            title = f"Old data: {formatting.age(info.as_of, now)}."
            shown.append(band("stale", title, f"The last refresh failed: {reason}", more))
        else:
            older = f" Shown is what was received {formatting.age(info.as_of, now)}." if info and info.as_of else ""
            kind = "error" if state.tone == "none" else "stale"
            shown.append(band(kind, "The last refresh failed.", reason + older, more))
    elif state.tone == "stale" and info is not None:
        reason = f"Received {formatting.moment(info.as_of, zone, local)}; prices may have moved since."
        shown.append(band("stale", f"Old data: {formatting.age(info.as_of, now)}.", reason, more))
    if progress.failed_pages:
        total = f" of about {progress.total}" if progress.total else ""
        reason = f"{progress.failed_pages}{total} pages could not be fetched."
        shown.append(band("partial", "Incomplete.", reason, more))
    told = progress.error or ""
    warnings = [said for said in (info.conditions if info is not None else ()) if not told or told not in said]
    if warnings and more:
        shown.append(band("stale", "Warning about the data.", " · ".join(warnings[:4]), more))
    if notes:
        shown.append(band("note", "About this link:", " ".join(notes)))
    return join(shown)


def _sentence(text: str) -> str:
    return text.strip().rstrip(".") + "."


def _crawl(state: Freshness) -> Markup:
    progress = state.progress
    if progress.error:
        return band(
            "error", "The exchange could not be fetched.", f"{_sentence(progress.error)} It is tried again by itself."
        )
    far = crawling(progress) if progress.done else progress.message or "connecting"
    share = progress.done / progress.total if progress.total else None
    return band("loading", "First crawl of the open markets:", far, share=share)


CSS = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
