"""The words that links are made of, and the bounds of their numbers: what a value may be, page by page."""

from __future__ import annotations

# Every page

ZONES = ("et", "utc", "local")
#: What chances and prices are said in, whose they are, and how times are said.
UNITS = ("percent", "cents", "decimal", "american")
SIDES = ("yes", "no")
TIMES = ("relative", "absolute")
#: How far back charts reach, and their axis of prices.
WINDOWS = ("1d", "7d", "30d", "all")
AXES = ("fit", "full")
#: Above this page the reader wants a filter, and an offset would only cost.
MAX_TABLE_PAGE = 100_000
MAX_CONTRACTS = 1_000_000_000_000
MAX_DAYS = 36_500
#: Most markets of a list in a link; what is longer goes as CSV.
MAX_SHARED = 100

# Pulse and categories

#: What the home page's bar shares.
SHARES = ("contracts", "dollars", "interest")
#: Words for the columns of the shares of categories.
CATEGORY_SORTS = ("name", "contracts", "dollars", "interest", "markets")

# Movers

#: Windows of the movers, in hours; which way they went, and what they are ranked by.
MOVER_WINDOWS = {"1h": 1, "6h": 6, "24h": 24, "7d": 168}
MOVER_SIDES = ("both", "up", "down", "unknown")
MOVER_SORTS = ("pp", "odds", "z", "title", "chance", "spread", "volume24h", "recent", "surge", "ends")

# Calendar

#: What the calendar lists, how far ahead, what its heat map measures, and the columns of its list.
CALENDAR_KINDS = ("closes", "expires", "opens", "milestones")
CALENDAR_RANGES = {"7d": 7, "30d": 30}
CALENDAR_MEASURES = ("entries", "contracts", "interest")
CALENDAR_SORTS = ("time", "title", "outcome", "chance", "markets", "volume24h", "interest")
#: Hours of a day by what the clock shows; with ``b`` where it shows it a second time.
DAY_HOURS = (*(str(hour) for hour in range(24)), *(f"{hour}b" for hour in range(24)))

# Markets

#: Words for the columns of the list of markets.
SORTS = (
    *("ticker", "title", "outcome", "category", "series", "probability", "bid", "ask", "spread", "last", "change"),
    *("volume", "volume24h", "interest", "ends", "opened"),
)
#: What a market's status is (see `app.models.market_choice`), and the quality of its quote.
STATUSES = ("open", "paused", "unopened", "closed", "settled")
#: What a link says where no status is chosen: every market is listed.
ANY_STATUS = "any"
QUALITIES = ("tight", "ok", "wide", "one-sided", "none")
COLUMN_SETS = ("quote", "activity", "liquidity", "time", "structure")
#: Single columns of the list, in the order they are offered; the title is always there.
COLUMN_WORDS = (
    *("chance", "change", "bid", "ask", "last", "spread", "volume24h", "volume", "interest", "recent", "turnover"),
    *("bid_size", "ask_size", "quality", "ends", "expected", "closes", "opened", "quoted"),
    *("category", "series", "event", "ticker", "status", "tick"),
)
DENSITIES = ("roomy", "dense")
#: Most series that are listed together, and most columns that break ties of the first.
MAX_SERIES, MAX_TIES = 8, 2

# Market

#: Periods of candlesticks, in minutes.
PERIODS = {"1m": 1, "1h": 60, "1d": 1440}
STYLES = ("lines", "candlesticks")
INTERESTS = ("off", "on")

# Event and series

#: How an event's chances are scaled and drawn, and the words for the columns of its outcomes.
SCALES = ("raw", "proportional", "power")
DRAWN_AS = ("lines", "stacked")
OUTCOME_SORTS = (
    *("lead", "outcome", "probability", "bid", "ask", "spread", "bidsize", "asksize"),
    *("volume24h", "volume", "interest", "change", "quality"),
)
#: Lines of an event's chart that can be hidden: ten outcomes and the sum of the others.
MAX_HIDDEN = 11
#: Words for the columns of the list of series, and how it is shown.
SERIES_SORTS = ("volume24h", "interest", "markets", "events", "volume", "title", "category", "ticker")
SERIES_VIEWS = ("table", "cards")
SERIES_SHOWN = ("all", "open")

# Compare

#: Most markets that are compared, what is drawn of them, and what their lines are laid side by side by.
MAX_COMPARED = 8
COMPARED = ("level", "pp", "odds")
ALIGNED = ("clock", "close")

# Favourites

#: Which sides of a market are listed as favourites, what they are ranked by, and the largest order.
FAVOURITE_SIDES = ("both", "yes", "no")
FAVOURITE_SORTS = (
    *("title", "side", "bid", "ask", "cost", "return", "simple", "compound", "settles", "size", "spread"),
    "volume24h",
)
MAX_ORDER = 1_000_000
#: Largest return a year that can be asked for, in percent.
MAX_ANNUAL = 100_000

# Watchlists and alerts

#: Orders of a watchlist; ``own`` is the one that was given to it.
WATCH_SORTS = ("own", "title", "probability", "change", "spread", "volume24h", "volume", "ends", "status")
#: Kinds of rules of alerts, and most pages of their log.
ALERT_KINDS = ("price", "move", "surge", "spread", "closing")
MAX_ALERT_PAGE = 1_000
#: Which way a rule looks, and windows of a move in hours; empty leaves it to the form.
ALERT_WAYS = ("", "above", "below", "either", "up", "down", "narrower", "wider")
ALERT_HOURS = ("", "1", "6", "24")

# Status

#: Parts of the Status page that a link can bring into view.
STATUS_PARTS = ("backfill",)
#: Pages of the documentation that the Status page can show.
DOCUMENTS = ("operations", "data-dictionary", "architecture", "simulated-exchange", "embedding", "dependencies")
