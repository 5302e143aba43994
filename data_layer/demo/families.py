"""Families of series: what kinds of questions the simulated exchange asks, and in what shares.

Shares and shapes follow a census of the open markets of 2 August 2026 (9,410 events: half sports, a quarter elections,
the rest in a dozen categories; 41 % of events have mutually exclusive outcomes).
"""

# A table: one question a line or three reads better than one argument a line.
# ruff: noqa: E501

from __future__ import annotations

from dataclasses import dataclass

from data_layer.demo.vocabulary import CITIES, COMPANIES, COUNTRIES, DISTRICTS, LEAGUES, PEOPLE, STATES

HOUR = 3600.0
DAY = 86400.0


@dataclass(frozen=True)
class Underlying:
    """What a ladder's strikes are measured on: its level, the spread of outcomes and how numbers are written."""

    level: float
    spread: float
    step: float
    decimals: int = 0
    form: str = "{}"  # how a number is shown, e.g. "${}"
    factors: tuple[float, ...] = ()  # what the level and spread of each of the family's entities are multiplied by
    half: bool = False  # strikes lie half-way between whole steps, so that nothing is a draw


@dataclass(frozen=True)
class Family:
    """One kind of question.  ``{E}``/``{entity}`` stand for a place, league, person or company."""

    code: str
    title: str  # of the series
    category: str
    share: float  # of open events, before normalising
    shape: str  # binary | game | menu | ladder | buckets | props | topics | deadlines
    days: tuple[float, ...]  # lengths of life a slot may have
    entities: tuple[tuple[str, str], ...] = (("", ""),)
    legs: tuple[int, int] = (1, 1)
    event_title: str = "{entity}"
    sub_title: str = "{date}"
    market_title: str = "Will {label} be the outcome of {event}?"
    rules: str = "If the outcome of “{event}” is {label} by {date}, then the market resolves to Yes."
    frequency: str = "custom"
    tag: str | None = None
    underlying: Underlying | None = None
    live_hours: float = 0.0  # the last hours of a life, in which most information arrives
    close_lag_days: float = 0.0  # close_time lies this far behind the expected end
    far_year: int = 0  # a placeholder year for close_time
    grid: int = 0  # 0 linear_cent, 1 deci_cent, 2 tapered_deci_cent
    strike_type: str = ""
    labels: str = "people"  # where the labels of a menu come from
    league: tuple[str, str, str, str] | None = None
    fee_multiplier: float = 1
    maker_fees: bool = False
    popularity: float = 0.0


# sport: what is scored, its total, the winner's lead, and what single players do (word, code, level, spread)
_SCORES: dict[str, tuple[str, tuple[float, float, float], tuple[float, float, float], str]] = {
    "Football": (
        "points",
        (45, 12, 3),
        (7, 9, 3),
        "Passing Yards:PASSYDS:220:60,Rushing Yards:RSHYDS:62:25,Touchdowns:TDS:2:1",
    ),
    "Basketball": (
        "points",
        (221, 18, 4),
        (7, 10, 3),
        "Points:PTS:18:7,Assists:AST:6:3,Rebounds:REB:8:3,Threes:3PT:3:2",
    ),
    "Baseball": ("runs", (8, 4, 1), (2, 3, 1), "Hits:HITS:2:1,Strikeouts:KS:6:2,Total Bases:TB:2:1,Home Runs:HR:1:1"),
    "Hockey": ("goals", (6, 2.2, 1), (2, 1.5, 1), "Goals:GOALS:1:1,Assists:AST:2:1,Shots:SHOTS:4:2"),
    "Soccer": ("goals", (3, 1.6, 1), (2, 1.2, 1), "Goals:GOALS:1:1,Shots on Target:SHOTS:3:2,Corners:CORNERS:5:2"),
    "Tennis": ("games", (22, 4, 1), (4, 4, 1), "Aces:ACES:8:4,Sets:SETS:2:1"),
    "MMA": ("rounds", (2, 1.2, 1), (2, 1, 1), "Takedowns:TD:2:1"),
    "Esports": ("maps", (2, 0.8, 1), (2, 0.7, 1), "Kills:KILLS:18:6"),
    "Cricket": ("runs", (320, 45, 10), (24, 25, 5), "Runs:RUNS:38:20,Wickets:WKTS:2:1"),
}


def _sport(sport: str) -> tuple[str, Underlying, Underlying, list[tuple[str, str, float, float]]]:
    unit, total, lead, props = _SCORES[sport]
    split = [entry.split(":") for entry in props.split(",")]
    return (
        unit,
        Underlying(*total, decimals=1, form="Over {} " + unit + " scored", half=True),
        Underlying(*lead, decimals=1, form="{home} wins by over {} " + unit, half=True),
        [(word, code, float(level), float(spread)) for word, code, level, spread in split],
    )


def _games() -> list[Family]:
    families = []
    for rank, league in enumerate(LEAGUES):
        code, name, sport, _ = league
        pull = 1.6 / (1 + rank * 0.25)
        unit, total, lead, props = _sport(sport)
        common = {
            "category": "Sports",
            "league": league,
            "tag": sport,
            "days": (3, 4, 5, 7, 10, 14),
            "live_hours": 3.0,
            "close_lag_days": 2.0,
            "fee_multiplier": 0.5 if code == "MLB" else 1,
            "maker_fees": rank < 4,
        }
        versus = "{home} vs {away}"
        families += [
            Family(
                code=f"KX{code}GAME",
                title=f"{name} Game",
                share=10 * pull,
                shape="game",
                legs=(3, 3) if sport == "Soccer" else (2, 2),
                event_title=versus,
                sub_title="{homecode} vs {awaycode} ({day})",
                market_title="{home} vs {away} Winner?",
                rules="If {label} wins the {home} vs {away} " + name + " game originally scheduled for {date}, "
                "then the market resolves to Yes.",
                strike_type="structured",
                popularity=1.4 if rank < 6 else 0.4,
                **common,  # type: ignore[arg-type]
            ),
            Family(
                code=f"KX{code}SPREAD",
                title=f"{name} Spread",
                share=6 * pull,
                shape="ladder",
                legs=(4, 12),
                event_title=versus + ": Spread",
                market_title="{label}?",
                rules="If {label} in the game originally scheduled for {date}, then the market resolves to Yes.",
                underlying=lead,
                strike_type="greater",
                **common,  # type: ignore[arg-type]
            ),
            Family(
                code=f"KX{code}TOTAL",
                title=f"{name} Total",
                share=6 * pull,
                shape="ladder",
                legs=(5, 20),
                event_title=versus + f": Total {unit.title()}",
                market_title="{home} vs {away} Total " + unit.title() + "?",
                underlying=total,
                strike_type="greater",
                **common,  # type: ignore[arg-type]
            ),
        ]
        for words, prop, level, spread in props:
            families.append(
                Family(
                    code=f"KX{code}{prop}",
                    title=f"{name} Player {words}",
                    share=12 / len(props) * pull,
                    shape="props",
                    legs=(3, 40),
                    event_title=versus + f": {words}",
                    market_title="{label} " + words.lower() + "?",
                    rules="If {label} "
                    + words.lower()
                    + " in {home} vs {away} on {date}, then the market resolves to Yes.",
                    underlying=Underlying(level, spread, max(1, spread // 2)),
                    strike_type="structured",
                    popularity=-0.6,
                    **common,  # type: ignore[arg-type]
                )
            )
        long_run = {**common, "live_hours": 0.0, "days": (150, 240, 300, 365)}
        families += [
            Family(
                code=f"KX{code}",
                title=f"{name} Champion",
                share=1 * pull,
                shape="menu",
                legs=(16, 40),
                event_title="{year} " + name + " Champion",
                sub_title="{year}",
                market_title="Will {label} win the {year} " + name + " Finals?",
                labels="teams",
                strike_type="structured",
                far_year=2099 if rank % 5 == 0 else 0,
                popularity=1.5,
                grid=2 if rank < 2 else 0,
                **long_run,  # type: ignore[arg-type]
            ),
            Family(
                code=f"KX{code}MVP",
                title=f"{name} MVP",
                share=1 * pull,
                shape="menu",
                legs=(10, 60),
                event_title="MVP Winner?",
                sub_title="{year} season",
                market_title="Will {label} win the MVP?",
                strike_type="structured",
                popularity=0.5,
                **long_run,  # type: ignore[arg-type]
            ),
            Family(
                code=f"KX{code}WINS",
                title=f"{name} Win Totals",
                share=1.5 * pull,
                shape="ladder",
                legs=(4, 12),
                event_title="{home} win total",
                sub_title="{year}",
                market_title="Will {home} win at least {strike} games?",
                underlying=Underlying(41, 9, 3, 0, "{}+ wins"),
                strike_type="greater_or_equal",
                **long_run,  # type: ignore[arg-type]
            ),
        ]
    return families


_SPORTS = [
    *_games(),
    Family("KXPGATOUR", "Golf Tournament", "Sports", 4, "menu", (10, 14, 21), COUNTRIES, (40, 130), "{entity} Open Winner",
           market_title="Will {label} win the {entity} Open?", tag="Golf", strike_type="structured",
           close_lag_days=7, popularity=0.3),
    Family("KXNEXTTEAM{E}", "{entity}'s next team", "Sports", 6, "menu", (120, 300, 700), PEOPLE, (3, 30),
           "{entity}'s next team?", "", "Will {entity} join {label}?", labels="teams", strike_type="custom"),
    Family("KXRETIRE{E}", "{entity} retirement", "Sports", 6, "binary", (200, 500), PEOPLE,
           event_title="Will {entity} announce retirement?", market_title="Will {entity} announce retirement?",
           rules="If {entity} announces retirement before {date}, then the market resolves to Yes.",
           frequency="one_off"),
]  # fmt: skip

_ELECTIONS = [
    Family("KXHOUSE{E}", "{entity} House seat", "Elections", 90, "menu", (500, 700), DISTRICTS, (2, 4),
           "{entity} winner?", "{year}", "Will {label} win {entity}?", tag="House", labels="parties", frequency="one_off",
           strike_type="custom", popularity=-0.4, far_year=2029),
    Family("KXHOUSENOM{E}", "{entity} primary", "Elections", 50, "menu", (200, 400), DISTRICTS, (3, 14),
           "{entity} nominee?", "{year}", "Will {label} be the nominee for {entity}?", tag="House", strike_type="custom",
           frequency="one_off", popularity=-0.5),
    Family("KXSENATE{E}", "{entity} Senate race", "Elections", 16, "menu", (500, 700), STATES, (2, 4),
           "{entity} Senate winner?", "{year}", "Will {label} win the Senate race in {entity}?", labels="parties",
           tag="US Elections", strike_type="custom", frequency="one_off", popularity=1.0, grid=2),
    Family("KXGOV{E}", "{entity} Governor", "Elections", 16, "menu", (400, 700), STATES, (2, 12),
           "Next Governor of {entity}?", "{year}", "Will {label} become Governor of {entity}?", tag="Governor",
           strike_type="custom", frequency="one_off"),
    Family("KXMARGIN{E}", "{entity} margin of victory", "Elections", 16, "buckets", (300, 600), STATES, (6, 16),
           "{entity} margin of victory?", "{year}", "Margin of victory in {entity}?",
           underlying=Underlying(6, 6, 2, 0, "{} pts"), tag="US Elections"),
    Family("KXPARL{E}", "{entity} election", "Elections", 22, "menu", (200, 500), COUNTRIES, (4, 16),
           "Next {entity} election winner?", "{year}", "Will {label} win the most seats in {entity}?",
           tag="International elections", strike_type="custom", frequency="one_off"),
    Family("KXTURNOUT{E}", "{entity} turnout", "Elections", 12, "ladder", (150, 400), COUNTRIES, (4, 12),
           "Turnout in the next {entity} election?", "{year}", "Will turnout be above {strike}?",
           underlying=Underlying(64, 6, 2, 1, "Above {}%"), strike_type="greater"),
    Family("KXENDORSE{E}", "Who will endorse {entity}", "Elections", 14, "topics", (90, 200), PEOPLE, (4, 18),
           "Who will endorse {entity}?", "", "Will {label} endorse {entity}?", strike_type="custom"),
]  # fmt: skip

_CULTURE = [
    Family("KXRT{E}", "{entity} Rotten Tomatoes score", "Entertainment", 12, "ladder", (14, 30, 45), PEOPLE, (6, 20),
           "{work} Rotten Tomatoes score?", "On {day}", "{work} Rotten Tomatoes score?", tag="Rotten Tomatoes",
           underlying=Underlying(70, 15, 5, 0, "Above {}"), strike_type="greater", grid=1),
    Family("KXBOXOFFICE{E}", "Opening weekend {entity}", "Entertainment", 8, "ladder", (10, 20, 30), PEOPLE, (5, 18),
           "“{work}” domestic opening weekend?", "On {day}", "Will “{work}” gross above {strike}?",
           underlying=Underlying(48, 18, 5, 0, "Above ${} million"), strike_type="greater", tag="Movies"),
    Family("KXTOPSONG", "Top song this week", "Entertainment", 3, "menu", (7,), (("", ""),), (12, 40),
           "Top song on the chart dated {day}?", "On {day}", "Will {label} be the top song?", labels="works",
           tag="Music charts", frequency="weekly", strike_type="custom"),
    Family("KXAWARD{E}", "{entity} award", "Entertainment", 10, "menu", (120, 300),
           tuple((f"A{i}", name) for i, name in enumerate(
               ("Best Picture", "Best Director", "Best Actor", "Best Actress", "Album of the Year", "Song of the Year",
                "Best New Artist", "Best Drama Series", "Best Comedy Series", "Game of the Year", "Best Score"))),
           (6, 40), "{entity} at the {year} awards?", "{year}", "Will {label} win {entity}?", tag="Awards",
           labels="works", strike_type="custom", popularity=0.8),
    Family("KXTVELIM{E}", "Next eliminated on {entity}", "Entertainment", 5, "menu", (7,), PEOPLE[:30], (6, 16),
           "Who will be eliminated from the {entity} show?", "{day}", "Will {label} be eliminated?", frequency="weekly",
           tag="Television", strike_type="custom"),
    Family("KX{E}WEDDING", "{entity} wedding", "Entertainment", 4, "topics", (60, 200), PEOPLE[40:80], (6, 30),
           "Who will attend {entity}’s wedding?", "", "Will {label} attend {entity}’s wedding?", strike_type="custom"),
    Family("KXSTREAMS{E}", "{entity} monthly listeners", "Entertainment", 6, "buckets", (14, 30), PEOPLE[80:], (8, 20),
           "{entity} monthly listeners on {day}?", "{day}", "{entity} monthly listeners?", tag="Music",
           underlying=Underlying(41, 2, 0.5, 1, "{} million")),
]  # fmt: skip

_COINS = (1, 0.0324, 0.0019, 2.6e-5, 2.2e-6)  # Bitcoin, Ethereum, Solana, XRP, Dogecoin
_MONEY = [
    Family("KXINX{E}", "S&P 500 {entity} range", "Financials", 14, "buckets", (1, 1, 2, 7), (("", "daily"), ("W", "weekly"), ("M", "monthly"), ("Y", "yearly")),
           (12, 30), "S&P 500 on {day}?", "On {day}", "Will the S&P 500 be between {strike} on {day}?", frequency="daily",
           underlying=Underlying(7420, 70, 25, 0, "{}"), tag="S&P", popularity=0.6, fee_multiplier=0.5),
    Family("KXINXU{E}", "S&P 500 above {entity}", "Financials", 10, "ladder", (1, 1, 2), (("", "daily"), ("H", "hourly")), (20, 60),
           "S&P 500 above on {day}?", "On {day}", "Will the S&P 500 be above {strike} on {day}?", frequency="daily",
           underlying=Underlying(7420, 60, 10, 0, "{} or above"), strike_type="greater", tag="S&P", fee_multiplier=0.5),
    Family("KXNASDAQ100{E}", "Nasdaq-100 {entity}", "Financials", 8, "ladder", (1, 2, 7), (("", "daily"), ("U", "above")), (10, 40),
           "Nasdaq-100 on {day}?", "On {day}", "Will the Nasdaq-100 be above {strike}?", frequency="daily",
           underlying=Underlying(26150, 300, 100, 2, "{} or above"), strike_type="greater", tag="Nasdaq"),
    Family("KXFX{E}", "{entity} rate", "Financials", 10, "ladder", (1, 2, 7),
           (("EURUSD", "EUR/USD"), ("USDJPY", "USD/JPY"), ("GBPUSD", "GBP/USD"), ("AUDUSD", "AUD/USD")), (8, 24),
           "{entity} on {day}?", "On {day}", "Will {entity} be above {strike} on {day}?", frequency="daily",
           underlying=Underlying(1.1645, 0.006, 0.002, 5, "{} or above", (1, 134.2, 1.15, 0.563)), strike_type="greater", tag="EUR/USD"),
    Family("KXEARN{E}", "{entity} earnings", "Financials", 10, "ladder", (30, 60, 90), COMPANIES, (4, 14),
           "{entity} quarterly revenue?", "{year}", "Will {entity} report revenue above {strike}?",
           underlying=Underlying(14, 2, 1, 1, "Above ${} billion"), strike_type="greater"),
    Family("KXUST{E}", "{entity} Treasury yield", "Financials", 5, "ladder", (1, 7, 30), (("10Y", "10-year"), ("2Y", "2-year"), ("30Y", "30-year")),
           (6, 20), "{entity} Treasury yield on {day}?", "On {day}", "Will the {entity} yield be above {strike}?",
           underlying=Underlying(4.12, 0.1, 0.03, 2, "Above {}%"), strike_type="greater", tag="Treasuries"),
    Family("KX{E}D", "{entity} price today", "Crypto", 14, "ladder", (1, 1, 2, 7),
           (("BTC", "Bitcoin"), ("ETH", "Ethereum"), ("SOL", "Solana"), ("XRP", "XRP"), ("DOGE", "Dogecoin")), (20, 90),
           "{entity} price on {hour}?", "{hour}", "{entity} price on {hour}?", frequency="hourly",
           underlying=Underlying(94250, 1400, 250, 2, "${} or above", _COINS), strike_type="greater", tag="Hourly",
           rules="If the simple average of the sixty seconds of {entity} before {hour} is above {strike}, "
           "then the market resolves to Yes.", popularity=1.0, live_hours=1),
    Family("KX{E}", "{entity} range", "Crypto", 10, "buckets", (1, 1, 2),
           (("BTC", "Bitcoin"), ("ETH", "Ethereum"), ("SOL", "Solana")), (20, 80), "{entity} range on {hour}?", "{hour}",
           "{entity} price range on {hour}?", frequency="daily", underlying=Underlying(94250, 1500, 250, 2, "${}", _COINS), tag="BTC"),
    Family("KX{E}15M", "{entity} up or down, 15 minutes", "Crypto", 3, "binary", (0.0104166666666667,),
           (("BTC", "Bitcoin"), ("ETH", "Ethereum"), ("SOL", "Solana"), ("XRP", "XRP")),
           event_title="{entity} up in the next 15 minutes?", sub_title="{hour}",
           market_title="{entity} price up in next 15 mins?", frequency="fifteen_min", tag="Hourly", popularity=3.0,
           strike_type="greater_or_equal", underlying=Underlying(94250, 120, 1, 2, "${} target", (1, 0.0324, 0.0019, 2.6e-5)), grid=2),
    Family("KXWTI{E}", "WTI oil {entity}", "Commodities", 6, "ladder", (1, 7, 30), (("", "daily"), ("W", "weekly")), (8, 30),
           "WTI oil price on {day}?", "On {day}", "Will WTI oil be above {strike}?", tag="Oil and energy",
           underlying=Underlying(61.4, 2.2, 0.5, 2, "${} or above"), strike_type="greater", frequency="daily"),
    Family("KX{E}USD", "{entity} price", "Commodities", 5, "ladder", (1, 7, 30),
           (("GOLD", "Gold"), ("SILVER", "Silver"), ("COPPER", "Copper"), ("COFFEE", "Coffee"), ("NATGAS", "Natural gas")), (6, 24),
           "{entity} price on {day}?", "On {day}", "Will {entity} be above {strike}?", tag="Metals",
           underlying=Underlying(4180, 90, 25, 2, "${} or above", (1, 0.0125, 0.0012, 0.09, 0.0009)), strike_type="greater", frequency="weekly"),
    Family("KXCPI{E}", "CPI {entity}", "Economics", 20, "ladder", (30, 60), (("", "month over month"), ("YOY", "year over year"), ("CORE", "core")),
           (6, 24), "CPI in {month}?", "{month}", "Will CPI rise more than {strike} in {month}?", frequency="monthly",
           underlying=Underlying(0.3, 0.12, 0.1, 1, "Above {}%"), strike_type="greater", tag="Inflation", popularity=1.0),
    Family("KXFED{E}", "Fed {entity}", "Economics", 12, "ladder", (45, 90, 180), (("", "funds rate"), ("DECISION", "decision")), (8, 24),
           "Fed funds rate after {month} meeting?", "{month} meeting", "Will the upper bound be above {strike}?",
           underlying=Underlying(3.5, 0.4, 0.25, 2, "Above {}%"), strike_type="greater", tag="Fed", popularity=1.6),
    Family("KXRATECUTCOUNT", "Number of rate cuts", "Economics", 3, "buckets", (200, 365), (("", ""),), (8, 20),
           "How many rate cuts in {year}?", "{year}", "Number of rate cuts in {year}?", tag="Fed", frequency="annual",
           underlying=Underlying(3, 1.5, 1, 0, "{} cuts"), popularity=1.0),
    Family("KXECON{E}", "{entity} unemployment", "Economics", 30, "ladder", (30, 60, 90), COUNTRIES, (4, 14),
           "{entity} unemployment in {month}?", "{month}", "Will {entity} unemployment be above {strike}?",
           underlying=Underlying(4.4, 0.25, 0.1, 1, "Above {}%"), strike_type="greater", tag="Employment", frequency="monthly"),
    Family("KXGDP{E}", "{entity} GDP growth", "Economics", 16, "buckets", (60, 90, 120), COUNTRIES, (6, 14),
           "{entity} GDP growth in {month}?", "{month}", "{entity} GDP growth?",
           underlying=Underlying(2.1, 0.9, 0.5, 1, "{}%"), tag="Growth", frequency="quarterly"),
]  # fmt: skip

_WORLD = [
    Family("KXHIGH{E}", "Highest temperature in {entity}", "Climate and Weather", 16, "buckets", (1,), CITIES, (6, 6),
           "Highest temperature in {entity} on {day}?", "On {day}", "Will the **high temp in {entity}** be {strike} on {day}?",
           underlying=Underlying(62, 4, 2, 0, "{}°"), tag="Daily temperature", frequency="daily", popularity=1.0,
           rules="If the highest temperature recorded in {entity} for {day} is {strike}, then the market resolves to Yes."),
    Family("KXRAIN{E}M", "Rain in {entity}", "Climate and Weather", 4, "ladder", (30,), CITIES, (5, 10),
           "Rain in {entity} in {month}?", "In {month}", "Will it rain >{strike} in {entity} in {month}?",
           underlying=Underlying(3, 1.2, 1, 0, "Above {} inches"), tag="Snow and rain", frequency="monthly", strike_type="greater"),
    Family("KXHURCTOT", "Hurricanes this season", "Climate and Weather", 2, "ladder", (180, 365), (("", ""),), (5, 12),
           "Number of hurricanes in {year}?", "In {year}", "Will there be at least {strike} hurricanes?",
           underlying=Underlying(8, 2.5, 1, 0, "At least {}"), tag="Hurricanes", strike_type="greater_or_equal", frequency="annual"),
    Family("{E}CLIMATE", "{entity} climate goals", "Climate and Weather", 4, "binary", (2000, 4000), COUNTRIES,
           event_title="Will {entity} meet its climate goals?", sub_title="By {year}",
           market_title="Will {entity} meet its climate goals?", frequency="one_off", tag="Climate change", far_year=2050),
    Family("KXAIMODEL{E}", "Best AI model: {entity}", "Science and Technology", 10, "menu", (30, 60, 120), COMPANIES[:20], (6, 24),
           "Top AI model according to {entity}?", "{month}", "Will {label} have the top AI model?", labels="companies",
           tag="AI", frequency="monthly", strike_type="custom", popularity=0.9),
    Family("KXLAUNCH{E}", "{entity} launches", "Science and Technology", 8, "deadlines", (200, 400), COMPANIES, (3, 8),
           "When will {entity} launch its next rocket?", "", "Will {entity} launch before {strike}?", tag="Space",
           frequency="one_off"),
    Family("KXMARS{E}", "{entity} on Mars", "Science and Technology", 3, "binary", (9000, 14000), PEOPLE,
           event_title="Will {entity} visit Mars in their lifetime?", sub_title="Before 2099",
           market_title="Will {entity} visit Mars before Aug 1, 2099?", frequency="one_off", far_year=2099, tag="Space"),
    Family("KXPRODUCT{E}", "{entity} product launch", "Companies", 5, "deadlines", (150, 300), COMPANIES, (3, 7),
           "When will {entity} announce a new product?", "", "Will {entity} announce before {strike}?", tag="Product launches"),
    Family("KXCEO{E}", "{entity} CEO", "Companies", 4, "menu", (200, 500), COMPANIES, (3, 14),
           "Next CEO of {entity}?", "", "Will {label} be the next CEO of {entity}?", tag="CEOs", strike_type="custom"),
    Family("KXMENTION{E}", "What will {entity} say", "Mentions", 7, "topics", (2, 4, 7), PEOPLE, (8, 40),
           "What will {entity} say during the address?", "{day}", "What will {entity} say during <event>?", labels="words",
           tag="Politicians", strike_type="custom", popularity=0.6, live_hours=2, close_lag_days=14,
           rules="If {entity} says {label} as part of <event>, then the market resolves to Yes."),
    Family("KXEARNINGSMENTION{E}", "What will {entity} say on the call", "Mentions", 4, "topics", (7, 14), COMPANIES, (8, 30),
           "What will {entity} say during their next earnings call?", "{day}", "What will {entity} say?", labels="words",
           tag="Earnings", strike_type="custom", live_hours=2, close_lag_days=30),
    Family("KXCABOUT{E}", "{entity} out", "Politics", 30, "deadlines", (200, 365, 500), PEOPLE, (2, 6),
           "When will {entity} leave office?", "", "Will {entity} leave office before {strike}?", tag="Cabinet", frequency="one_off"),
    Family("KXBILL{E}", "Bill sponsored by {entity}", "Politics", 25, "binary", (100, 250, 400), PEOPLE,
           event_title="Will the {entity} bill become law?", sub_title="Before {year}",
           market_title="Will the {entity} bill become law?", tag="Bills", frequency="one_off"),
    Family("KXSENVOTE{E}", "Votes to confirm {entity}", "Politics", 14, "ladder", (30, 60), PEOPLE, (5, 16),
           "How many Senators will vote to confirm {entity}?", "", "At least {strike} votes for {entity}?", tag="Cabinet",
           underlying=Underlying(53, 4, 1, 0, "At least {}"), strike_type="greater_or_equal"),
    Family("KXVISIT{E}", "Visits to {entity}", "Politics", 14, "topics", (100, 200, 365), COUNTRIES, (3, 20),
           "Who will visit {entity}?", "", "Will {label} visit {entity}?", strike_type="custom", tag="Foreign policy"),
    Family("KXAPPROVAL{E}", "{entity} approval", "Politics", 12, "buckets", (7, 30), PEOPLE, (5, 12),
           "{entity} approval rating on {day}?", "{day}", "{entity} approval rating?",
           underlying=Underlying(42.5, 1.6, 1, 1, "{}%"), frequency="weekly", popularity=0.5),
    Family("KXFOLLOWERS{E}", "{entity} followers", "Social", 2, "ladder", (14, 60), PEOPLE, (4, 12),
           "{entity} followers on {day}?", "", "Will {entity} have more than {strike} followers?",
           underlying=Underlying(120, 6, 2, 0, "Above {} million"), strike_type="greater"),
    Family("KXCEASEFIRE{E}", "Ceasefire in {entity}", "World", 2, "deadlines", (200, 365), COUNTRIES, (3, 6),
           "When will {entity} sign a ceasefire?", "", "Will {entity} sign a ceasefire before {strike}?", tag="Geopolitics"),
    Family("KXFLU{E}", "Flu in {entity}", "Health", 2, "buckets", (7, 30), STATES, (5, 9), "Flu positivity in {entity}?",
           "{day}", "Flu positivity in {entity}?", underlying=Underlying(11, 3, 2, 1, "{}%"), frequency="weekly"),
    Family("KXTSA", "TSA check-ins", "Transportation", 1, "ladder", (7,), (("", ""),), (6, 14), "TSA check-ins on {day}?",
           "{day}", "More than {strike} check-ins?", underlying=Underlying(2450000, 90000, 50000, 0, "Above {}"),
           strike_type="greater", frequency="weekly"),
    Family("KXSCHOOL{E}", "School policy in {entity}", "Education", 1, "binary", (100, 300), STATES,
           event_title="Will {entity} pass a school phone ban?", sub_title="{year}",
           market_title="Will {entity} pass a school phone ban?", frequency="one_off"),
    Family("KXQUANTUM{E}", "Quantum computing at {entity}", "Technology", 2, "binary", (300, 600), COMPANIES,
           event_title="Will {entity} show quantum advantage?", sub_title="Before {year}", tag="AI",
           market_title="Will {entity} show quantum advantage?", strike_type="functional", frequency="one_off"),
]  # fmt: skip

COMBO_FAMILIES = (
    Family("KXMVESPORTSMULTIGAMEEXTENDED", "Combo", "Exotics", 0, "binary", (1,)),
    Family("KXMVECROSSCATEGORY-SHARD1", "Combo across categories", "Exotics", 0, "binary", (1,)),
)

# Shares of open events by category in the census; Technology, Education, Transportation raised to be visible.
CATEGORY_SHARES = {
    "Sports": 4817, "Elections": 2230, "Entertainment": 503, "Politics": 498, "Financials": 447, "Economics": 353,
    "Climate and Weather": 137, "Science and Technology": 121, "Crypto": 106, "Companies": 71, "Mentions": 59,
    "Commodities": 44, "Social": 14, "World": 14, "Health": 12, "Transportation": 6, "Education": 6, "Technology": 25,
}  # fmt: skip

FAMILIES: tuple[Family, ...] = (*_SPORTS, *_ELECTIONS, *_CULTURE, *_MONEY, *_WORLD)
