"""An order book as HTML: asks over bids, the spread between, depth as bars in the cells. Values in, Markup out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from components.text import Markup, join, markup

COLUMNS = (
    ("Contracts", "Contracts at this price"),
    ("Depth", "Contracts from the best price up to this one"),
    ("Depth $", "What trading all of it costs (asks) or brings (bids) in dollars, before fees"),
)


@dataclass(frozen=True)
class Rung:
    """One price as text: price, contracts, cumulated contracts and dollars; `share` (0–1) of the deepest shown."""

    price: str
    contracts: str
    depth: str
    dollars: str
    share: float


def order_book(
    asks: Sequence[Rung],
    bids: Sequence[Rung],
    middle: str,
    *,
    price: tuple[str, str],
    side: str = "YES",
    tone: str = "",
    more_asks: str = "",
    more_bids: str = "",
) -> Markup:
    """Return the ladder of both sides, each given best first; `middle` stands between them.

    `price` is the heading of the prices and its meaning, `side` whose they are.
    `more_asks` and `more_bids` say what lies beyond the prices shown. A side without prices says so.
    """
    heads = [
        markup('<th scope="col" title="{title}">{label}</th>', label=label, title=title)
        for label, title in (price, *COLUMNS)
    ]
    above = [_beyond(more_asks), *(_rung("ask", rung) for rung in reversed(asks))]
    below = [*(_rung("bid", rung) for rung in bids), _beyond(more_bids)]
    return markup(
        '<table class="book" aria-label="Order book"><thead><tr>{heads}</tr></thead>'
        '<tbody aria-label="Asks">{above}</tbody>'
        '<tbody><tr class="middle" data-tone="{tone}"><td colspan="4">{middle}</td></tr></tbody>'
        '<tbody aria-label="Bids">{below}</tbody></table>',
        heads=join(heads),
        above=join(above) if asks else _beyond(f"Nobody sells {side}"),
        below=join(below) if bids else _beyond(f"Nobody bids for {side}"),
        middle=middle,
        tone=tone,
    )


def _rung(side: str, rung: Rung) -> Markup:
    return markup(
        '<tr class="{side}"><td class="price">{price}</td><td>{contracts}</td>'
        '<td class="depth" style="--share:{share}%">{depth}</td><td>{dollars}</td></tr>',
        side=side,
        price=rung.price,
        contracts=rung.contracts,
        depth=rung.depth,
        dollars=rung.dollars,
        share=f"{100 * max(0.0, min(1.0, rung.share)):.1f}",
    )


def _beyond(text: str) -> Markup:
    return markup('<tr class="beyond"><td colspan="4">{text}</td></tr>', text=text) if text else Markup()


CSS = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
