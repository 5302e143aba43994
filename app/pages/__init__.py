"""One Viewer a file: widgets from the model, panes built once, content changed in place.

Belongs here: layout of a page, and the list of pages. Does not: queries, formulas, chart specs, access to
`data_layer`.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.models.agenda import AgendaModel
from app.models.alerts import AlertsModel
from app.models.base import PageModel
from app.models.categories import CategoriesModel
from app.models.compare import CompareModel
from app.models.event import EventModel
from app.models.favourites import FavouritesModel
from app.models.market import MarketModel
from app.models.markets import MarketsModel
from app.models.method import MethodModel
from app.models.movers import MoversModel
from app.models.news import NewsModel
from app.models.pulse import PulseModel
from app.models.series import SeriesModel
from app.models.series_detail import SeriesDetailModel
from app.models.status import StatusModel
from app.models.watchlists import WatchlistsModel
from app.pages.agenda import AgendaPage
from app.pages.alerts import AlertsPage
from app.pages.base import PageView
from app.pages.categories import CategoriesPage
from app.pages.compare import ComparePage
from app.pages.event import EventPage
from app.pages.favourites import FavouritesPage
from app.pages.market import MarketPage
from app.pages.markets import MarketsPage
from app.pages.method import MethodPage
from app.pages.movers import MoversPage
from app.pages.news import NewsPage
from app.pages.pulse import PulsePage
from app.pages.series import SeriesPage
from app.pages.series_detail import SeriesDetailPage
from app.pages.status import StatusPage
from app.pages.watchlists import WatchlistsPage


@dataclass(frozen=True)
class Listed:
    """One page: what answers it, what shows it, and its place in the rail.

    `name` and `outline` (the drawing of its icon, 24 by 24) are empty for pages that are not in the rail; `within` is
    the page that is marked there instead. `foot` says that a page is about the others, and stands apart from them.
    """

    model: type[PageModel]
    view: type[PageView]
    name: str = ""
    outline: str = ""
    within: str = ""
    foot: bool = False


#: Every page by the word of its links, in the order of the rail; each needs its keys in `app.page_keys.PAGE_KEYS`.
PAGES: dict[str, Listed] = {
    "pulse": Listed(PulseModel, PulsePage, "Pulse", "M3 12.5h4l2.5-7 5 13 2.5-6h4"),
    "movers": Listed(MoversModel, MoversPage, "Movers", "M4 17l5-5 3.5 3.5L20 8M14.5 8H20v5.5"),
    "markets": Listed(MarketsModel, MarketsPage, "Markets", "M4 6h16M4 12h16M4 18h10"),
    "market": Listed(MarketModel, MarketPage, within="markets"),
    "event": Listed(EventModel, EventPage, within="markets"),
    "series": Listed(SeriesModel, SeriesPage, "Series", "M12 4l8 4-8 4-8-4zM4 12l8 4 8-4M4 16l8 4 8-4"),
    "series_detail": Listed(SeriesDetailModel, SeriesDetailPage, within="series"),
    "favourites": Listed(FavouritesModel, FavouritesPage, "Favourites", "M5 19V9.5M12 19V5M19 19v-6M3.5 19h17"),
    "calendar": Listed(
        AgendaModel, AgendaPage, "Calendar", "M4 6.5h16v13H4zM4 10.5h16M8 4v4M16 4v4M8 14h.01M12 14h.01M16 14h.01"
    ),
    "categories": Listed(
        CategoriesModel, CategoriesPage, "Categories", "M12 3v9h9a9 9 0 1 1-9-9zM15.5 3.6A9 9 0 0 1 20.4 8.5h-4.9z"
    ),
    "compare": Listed(CompareModel, ComparePage, "Compare", "M4 4v16h16M7 15l4-5 4 3 5-8M7 18.5l4-2 4 .5 5-4"),
    "watchlists": Listed(
        WatchlistsModel,
        WatchlistsPage,
        "Watchlists",
        "M12 3.6l2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.9-4.3-4.1 5.9-.8z",
    ),
    "alerts": Listed(
        AlertsModel,
        AlertsPage,
        "Alerts",
        "M6.5 16.5V11a5.5 5.5 0 0 1 11 0v5.5l1.5 2H5zM10 21h4",
    ),
    "status": Listed(StatusModel, StatusPage, "Status", "M4 5h16v5H4zM4 14h16v5H4zM8 7.5h.01M8 16.5h.01"),
    "method": Listed(
        MethodModel,
        MethodPage,
        "Method",
        "M5 5.5c3-1 5-1 7 .8 2-1.8 4-1.8 7-.8v13c-3-1-5-1-7 .8-2-1.8-4-1.8-7-.8zM12 6.3v13",
        foot=True,
    ),
    "news": Listed(NewsModel, NewsPage, "What’s new", "M6 4h9l4 4v12H6zM15 4v4h4M9 12h7M9 16h7", foot=True),
}
