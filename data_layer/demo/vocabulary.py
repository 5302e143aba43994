"""Words the simulated world is told in.  Places are real, people, companies and works are invented."""

from __future__ import annotations

import re


def _listed(text: str) -> tuple[str, ...]:
    return tuple(re.sub(r"\s*\n\s*", " ", entry).strip() for entry in text.split(","))


def _paired(text: str) -> tuple[tuple[str, str], ...]:
    pairs = (entry.split(":", 1) for entry in _listed(text))
    return tuple((code, name) for code, name in pairs)


CITIES = _paired(
    """
    NY:New York, CHI:Chicago, MIA:Miami, AUS:Austin, DEN:Denver, PHIL:Philadelphia, LAX:Los Angeles,
    HOU:Houston, ATL:Atlanta, BOS:Boston, DET:Detroit, SEA:Seattle, DAL:Dallas, MIN:Minnesota, CLE:Cleveland,
    TOR:Toronto, SF:San Francisco, PIT:Pittsburgh, CIN:Cincinnati, KC:Kansas City, TB:Tampa Bay, BAL:Baltimore,
    IND:Indianapolis, TEN:Tennessee, NO:New Orleans, LV:Las Vegas, CAR:Carolina, GB:Green Bay, ARI:Arizona,
    JAC:Jacksonville, BUF:Buffalo, WAS:Washington, MIL:Milwaukee, POR:Portland, SAC:Sacramento, UTA:Utah,
    ORL:Orlando, MEM:Memphis, CLT:Charlotte, OKC:Oklahoma City, STL:St. Louis, SD:San Diego, COL:Colorado,
    TEX:Texas
    """
)

TOWNS = _paired(
    """
    MAD:Madrid, MUN:Munich, MIL:Milan, TUR:Turin, LIS:Lisbon, PRT:Porto, AMS:Amsterdam, EIN:Eindhoven, GLA:Glasgow,
    LEE:Leeds, BRI:Brighton, NEW:Newcastle, LYO:Lyon, NAN:Nantes, SEV:Seville, BIL:Bilbao, NAP:Naples, GEN:Genoa,
    DOR:Dortmund, BRE:Bremen, GHE:Ghent, BRU:Bruges, OSL:Oslo, MAL:Malmö, HEL:Helsinki, VIE:Vienna, SAL:Salzburg,
    ZUR:Zürich, BAS:Basel, PRA:Prague, KRA:Kraków, ATH:Athens, IST:Istanbul, SAO:São Paulo, RIO:Rio, OSA:Osaka,
    TOK:Tokyo, SEO:Seoul, BUS:Busan, SYD:Sydney, PER:Perth, MUM:Mumbai, DEL:Delhi, MON:Monterrey
    """
)
US_LEAGUES = ("NFL", "NBA", "MLB", "NHL", "NCAAF", "NCAAMB", "WNBA", "MLS", "NCAAWB")

STATES = _paired(
    """
    AL:Alabama, AK:Alaska, AZ:Arizona, AR:Arkansas, CA:California, CO:Colorado, CT:Connecticut, DE:Delaware,
    FL:Florida, GA:Georgia, HI:Hawaii, ID:Idaho, IL:Illinois, IN:Indiana, IA:Iowa, KS:Kansas, KY:Kentucky,
    LA:Louisiana, ME:Maine, MD:Maryland, MA:Massachusetts, MI:Michigan, MN:Minnesota, MS:Mississippi,
    MO:Missouri, MT:Montana, NE:Nebraska, NV:Nevada, NH:New Hampshire, NJ:New Jersey, NM:New Mexico,
    NY:New York, NC:North Carolina, ND:North Dakota, OH:Ohio, OK:Oklahoma, OR:Oregon, PA:Pennsylvania,
    RI:Rhode Island, SC:South Carolina, SD:South Dakota, TN:Tennessee, TX:Texas, UT:Utah, VT:Vermont,
    VA:Virginia, WA:Washington, WV:West Virginia, WI:Wisconsin, WY:Wyoming
    """
)

DISTRICTS: tuple[tuple[str, str], ...] = tuple(
    (f"{code}{number}", f"{name} District {number}") for code, name in STATES for number in range(1, 10)
)

COUNTRIES = _paired(
    """
    GER:Germany, FRA:France, ITA:Italy, ESP:Spain, UK:United Kingdom, POL:Poland, NED:Netherlands, BEL:Belgium,
    SWE:Sweden, NOR:Norway, DEN:Denmark, FIN:Finland, AUT:Austria, CHE:Switzerland, CZE:Czechia, HUN:Hungary,
    ROM:Romania, BUL:Bulgaria, GRE:Greece, POR:Portugal, IRL:Ireland, CAN:Canada, MEX:Mexico, BRA:Brazil,
    ARG:Argentina, CHL:Chile, COL:Colombia, PER:Peru, JPN:Japan, KOR:South Korea, AUS:Australia,
    NZL:New Zealand, IND:India, IDN:Indonesia, PHL:Philippines, THA:Thailand, ZAF:South Africa, NGA:Nigeria,
    KEN:Kenya, EGY:Egypt, TUR:Türkiye, ISR:Israel, CIV:Côte d’Ivoire, ISL:Iceland
    """
)

FIRST_NAMES = _listed(
    """
    Aria, Bruno, Carla, Dario, Elena, Felix, Greta, Hugo, Imani, Jonas, Kira, Lázaro, Mira, Nils, Odile, Pavel,
    Quinn, Renée, Soren, Talia, Umar, Vera, Wendell, Xenia, Yusuf, Zora, Anselm, Beatriz, Corwin, Delphine,
    Esmé, Fabian, Gwen, Harlan, Iris, Joaquín, Katya, Leopold, Marisol, Noor, Otis, Petra, Rufus, Selma,
    Tobias, Ulla, Viggo, Willa, Zeno, Agnès
    """
)

LAST_NAMES = _listed(
    """
    Abernathy, Brightwater, Calloway, Dunmore, Eastlake, Fairbanks, Galloway, Hawthorne, Ingram, Jessup,
    Kestrel, Lockhart, Merriweather, Northcott, Oakhurst, Pemberton, Quillfeather, Ravenel, Silverton,
    Thackeray, Underhill, Vantongeren, Winterbourne, Yarrow, Zimmerwald, Ashgrove, Blackwood, Copperfield,
    Drummond, Evergreen, Foxworth, Greenhalgh, Holloway, Ironside, Jorvik, Kingsley, Larkspur, Montrose,
    Nightingale, Ormond, Partridge, Rosewood, Stonebridge, Tidewater, Umberland, Valdemar, Whitlock, Yellowley,
    O’Hanrahan, Peña-Duarte
    """
)

PEOPLE: tuple[tuple[str, str], ...] = tuple(
    (re.sub(r"[^A-Z]", "", (first[:1] + last).upper()), f"{first} {last}")
    for index, last in enumerate(LAST_NAMES)
    for first in (FIRST_NAMES[index], FIRST_NAMES[(index * 7 + 13) % 50], FIRST_NAMES[(index * 11 + 29) % 50])
)

_FIRMS = _listed(
    """
    Aurelia, Borealis, Cinderpeak, Dovetail, Everhart, Fjordline, Glasswing, Halcyon, Ionwave, Juniper Sky,
    Kitehawk, Lumenade, Meridiem, Novastra, Orchardia, Pinecrest, Quantora, Riverstone, Solstead, Tessellar,
    Umbrafin, Verdantix, Wavecrest, Xylo, Yonderly, Zephyrine, Amberly, Brackish, Coppermint, Driftway,
    Emberton, Flintlock, Gossamer, Hearthly
    """
)
COMPANIES: tuple[tuple[str, str], ...] = tuple(
    (name.upper().replace(" ", "")[:5], name + suffix) for name in _FIRMS for suffix in (" Inc.", " & Co.")
)

WORKS = _listed(
    """
    The Glass Orchard, Midnight in Marrow Bay, Seven Small Kingdoms, The Last Lighthouse, Paper Tigers,
    Saltwater, A Winter's Ledger, The Copper Sky, Hollow Crown, Echoes of Juno, The Understudy, Low Tide,
    Nine Lives of Mabel, Violet Hour, The Long Division, Static, Harbor Lights, Kingfisher, The Quiet Machine,
    Ember & Ash, Northbound, Tin Parade, The Velvet Rope, Fault Lines, Dust Devils, Ordinary Gods,
    The Cartographer, Sugar Moon, Blackout Club, Wild Geese, Dear Neptune, The Weight of Snow, Small Hours,
    Foxfire, Ghost Town Radio, Open Water, The Pilgrims
    """
)

SPOKEN_WORDS = _listed(
    """
    Inflation, Tariff / Tariffs, Artificial Intelligence / AI, Recession, Border, China, Hoax, Affordable,
    Nuclear, Bitcoin, Shutdown, Filibuster, Golf, Record, Guidance, Headwind / Headwinds, Supply Chain,
    Layoff / Layoffs, Dividend, Cloud, Margin, Robot / Robots, Weather, Playoffs, Touchdown, Overtime, Injury,
    Rookie, Mama, Crazy, Beautiful, Rigged, Europe, Ukraine, Oil, Housing, Healthcare, Veterans, Space, Mars,
    Moon, Vaccine, School, Union, Strike, Gold, Coffee, Who's on first?, R&D, Q4 :: guidance, >5%, Football,
    Election, Immigration, Ceasefire, Drone / Drones, Subscription, Streaming, Battery
    """
)

_LEAGUES = _listed(
    """
    NFL:Pro Football:Football:football, NBA:Pro Basketball (M):Basketball:basketball,
    MLB:Pro Baseball:Baseball:baseball, NHL:Pro Hockey:Hockey:hockey, EPL:English Premier League:Soccer:soccer,
    NCAAF:College Football:Football:football, NCAAMB:College Basketball (M):Basketball:basketball,
    WNBA:Pro Basketball (W):Basketball:basketball, MLS:Major League Soccer:Soccer:soccer,
    LALIGA:La Liga:Soccer:soccer, SERIEA:Serie A:Soccer:soccer, BUNDESLIGA:Bundesliga:Soccer:soccer,
    LIGUE1:Ligue 1:Soccer:soccer, UCL:Champions League:Soccer:soccer, ATP:ATP Tour:Tennis:tennis,
    WTA:WTA Tour:Tennis:tennis, NCAAWB:College Basketball (W):Basketball:basketball,
    KBO:KBO League:Baseball:baseball, NPB:NPB:Baseball:baseball, BRASILEIRO:Brasileirão:Soccer:soccer,
    LIGAMX:Liga MX:Soccer:soccer, EUROLEAGUE:Euroleague:Basketball:basketball,
    NBL:NBL Australia:Basketball:basketball, EREDIVISIE:Eredivisie:Soccer:soccer, EFLCUP:EFL Cup:Soccer:soccer,
    UFC:UFC:MMA:fighting, KHL:KHL:Hockey:hockey, SHL:SHL:Hockey:hockey,
    IPL:Indian Premier League:Cricket:cricket, CS2:Counter-Strike 2:Esports:esports,
    LOL:League of Legends:Esports:esports, VAL:Valorant:Esports:esports, DOTA2:Dota 2:Esports:esports,
    ACB:Liga ACB:Basketball:basketball, CBA:Chinese Basketball Association:Basketball:basketball,
    SUPERLIG:Süper Lig:Soccer:soccer, ALLSVENSKAN:Allsvenskan:Soccer:soccer,
    SCOTPREM:Scottish Premiership:Soccer:soccer, JLEAGUE:J1 League:Soccer:soccer,
    KLEAGUE:K League 1:Soccer:soccer
    """
)
LEAGUES: tuple[tuple[str, str, str, str], ...] = tuple(
    (code, name, sport, kind) for code, name, sport, kind in (entry.split(":") for entry in _LEAGUES)
)

SOURCES = {
    "Sports": (("ESPN", "https://www.espn.com"), ("the Governing League", "https://kalshi.com/")),
    "Elections": (
        ("local news outlets with verifiable mastheads in <area>", "https://kalshi.com/"),
        ("the Associated Press", "https://www.ap.org"),
    ),
    "Climate and Weather": (("National Weather Service", "https://www.weather.gov"),),
    "Economics": (("Bureau of Labor Statistics", "https://www.bls.gov"),),
    "Crypto": (("CF Benchmarks", "https://www.cfbenchmarks.com"),),
    "Mentions": (("Video of <event>", "https://kalshi.com/"),),
}
DEFAULT_SOURCES = (
    ("Reuters", "https://www.reuters.com"),
    ("official social media accounts of <person> or their official representatives", "https://kalshi.com/"),
)

TAGS: dict[str, tuple[str, ...] | None] = {
    "Climate and Weather": ("Daily temperature", "Snow and rain", "Hurricanes", "Climate change"),
    "Commodities": ("Oil and energy", "Metals", "Agriculture"),
    "Companies": ("KPIs", "Product launches", "CEOs", "Layoffs"),
    "Crypto": ("BTC", "ETH", "SOL", "Hourly"),
    "Economics": ("Fed", "Inflation", "Employment", "Growth", "Housing"),
    "Education": None,
    "Elections": ("US Elections", "International elections", "House", "Governor"),
    "Entertainment": ("Awards", "Movies", "Music", "Music charts", "Television", "Rotten Tomatoes"),
    "Financials": ("S&P", "Nasdaq", "Treasuries", "EUR/USD", "Daily"),
    "Health": None,
    "Mentions": ("Earnings", "Politicians", "Sports"),
    "Politics": ("Bills", "Cabinet", "SCOTUS & courts", "Foreign policy"),
    "Science and Technology": ("AI", "Space", "Energy"),
    "Social": None,
    "Sports": (
        "Football",
        "Basketball",
        "Baseball",
        "Hockey",
        "Soccer",
        "Tennis",
        "MMA",
        "Esports",
        "Cricket",
        "Golf",
    ),
    "Technology": ("AI",),
    "Transportation": None,
    "World": ("Geopolitics",),
}
