"""Alerts: rules of this installation, and the log of what they said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app import alert_standing, link_words, page_keys, url
from app.alert_rules import KINDS, WINDOWS, Rule, RuleError
from app.alert_watch import AlertHealth
from app.models.alerts import GIVEN, PAGE_SIZE, AlertsModel
from app.pages import about, alert_words
from app.pages.base import PageView, failure
from app.pages.market_facts import same_outcome
from components import cards, filter_bar, formatting
from components.feedback import CSS as FEEDBACK_CSS
from components.feedback import band, face
from components.filter_bar import FilterBar
from components.markup_pane import markup_pane, show
from components.quoting import PriceStyle
from components.rule_book import RuleBook, kind
from components.tables import PagedTable, cell, column, row
from components.text import Markup, join, markup

#: What a file of the log does not depend on.
_LOOKS = frozenset({"alerts_page", *GIVEN, *page_keys.SHARED})
COLUMNS = [
    column("title", "Market", "Question, and the outcome that YES stands for", kind="link"),
    column("why", "What happened", "What it was at this look and at the one before", narrow="second", short=""),
    column("value", "Value", "What was measured", align="right"),
    column("before", "Before", "What was measured at the look before", align="right"),
    column("threshold", "Threshold", "What the rule asks for", align="right"),
    column("when", "Told", "When the rule was judged", narrow="second", short=""),
    column("as_of", "As of", "When the market's quote was received"),
    column("rule", "Rule", "The rule in its words of then"),
]


class AlertsPage(PageView):
    """Show rules and log; what is asked of the rules goes to the model, which checks it."""

    model: AlertsModel

    @property
    def title(self) -> str:
        """What the browser's tab says."""
        return "Alerts"

    def _build(self) -> list[Any]:
        self.head = markup_pane(css=f"{FEEDBACK_CSS}{_CSS}", margin=(0, 0, 10, 0))
        self.book = RuleBook(
            self._on_make,
            self._on_ask,
            kinds=[
                kind(key, k.name, k.unit, k.usual, k.directions, WINDOWS if key == "move" else ())
                for key, k in KINDS.items()
            ],
        )
        self.log_title = markup_pane(css=cards.CSS, margin=(22, 0, 8, 0))
        self.filters = FilterBar(
            self._on_filter,
            label="Filters of the log",
            margin=(0, 0, 8, 0),
            fields=[
                filter_bar.search("alerts_text", "Search the log", "Search market, ticker, rule"),
                filter_bar.choice("alerts_kind", "Kind", [("", "all"), *((key, k.name) for key, k in KINDS.items())]),
                about.downloads("log", "All of the log that passes"),
            ],
        )
        self.table = PagedTable(
            self._on_page, label="What rules said", columns=COLUMNS, size=PAGE_SIZE, starred=False, tall=False
        )
        self.nothing = markup_pane(css=FEEDBACK_CSS, margin=(0, 0, 24, 0))
        return [self.head, self.book, self.log_title, self.filters, self.table, self.nothing]

    # What the visitor does

    def _on_make(self, said: dict[str, str]) -> None:
        self._answer(lambda: self.model.make(said))

    def _on_ask(self, what: str, key: int) -> None:
        if what == "delete":
            self._answer(lambda: self.model.delete(key))
        else:
            self._answer(lambda: self.model.pause(key, what == "pause"))

    def _answer(self, act: Callable[[], str]) -> None:
        try:
            self.book.say(act())
        except RuleError as error:
            self.book.say(error, problem=True)

    def _on_filter(self, key: str, raw: str) -> None:
        value, problem = url.read("alerts", key, raw[:100])
        if not problem and value != getattr(self.state, key):
            self.state.param.update(**{key: value, "alerts_page": 1})

    def _on_page(self, page: int) -> None:
        self.state.alerts_page = max(1, min(page, -(-self.table.total // PAGE_SIZE)))

    # What the model says

    def _update(self) -> None:
        model, state = self.model, self.state
        health = model.health
        if health is None:
            self.put(failure(model.problem, model.failing_since))
            return
        self.put(None)
        show(self.head, self._head(health))
        self.book.param.update(
            editing=model.editing,
            lists=list(model.lists),
            given=model.given,
        )
        self.book.offer([self._rule(key, rule) for key, rule in model.rules])
        noun = "entry" if model.total == 1 else "entries"
        show(self.log_title, cards.section_title("Log", f"{model.total:,} {noun}, newest first"))
        self.filters.values = {
            "alerts_text": state.alerts_text,
            "alerts_kind": state.alerts_kind,
            "export": about.query(state.link_values(), _LOOKS),
        }
        self.table.param.update(
            rows=[self._row(item) for item in model.firings],
            page=model.page,
            total=model.total,
            paged=model.total > PAGE_SIZE,
        )
        self.table.visible = bool(model.firings)
        show(self.nothing, Markup() if model.firings else self._nothing())

    def _head(self, health: AlertHealth) -> Markup:
        said = [band("partial", "Alerts:", problem) for problem in health.problems]
        if health.webhook and health.webhook_error:
            counts = f"{health.waiting} waiting, {health.given_up} given up, {health.sent} sent."
            said.append(band("partial", "The webhook does not take everything:", f"{health.webhook_error}. {counts}"))
        if self.model.given and not self.model.editing:
            said.append(
                band("note", "No rule can be made here.", "Rules of this installation are changed elsewhere.")
            )
        return markup(
            '<h1 class="ka-page">Alerts</h1><p class="about">{about:600}</p>{said}',
            about=self._about(health),
            said=join(said),
        )

    def _about(self, health: AlertHealth) -> str:
        model = self.model
        who = (
            "Everybody who opens it sees them and may change them" if model.editing else "They are changed elsewhere"
        )
        looked = f"judged {formatting.age(health.looked_time, model.now)}" if health.looked_time else "not judged yet"
        where = " and posted to the webhook" if health.webhook else ""
        return (
            f"Rules belong to this installation, not to you: there are no accounts. {who}. They are looked at after "
            f"each refresh ({looked}), told in every open page{where}, and not repeated for 30 minutes unless 1.2 "
            f"times larger.{'' if self.style == PriceStyle() else ' Rules themselves stay in % and ¢ of YES.'}"
        )

    def _rule(self, key: int, rule: Rule) -> tuple[int, str, str, str, str, str, bool]:
        count, last = self.model.counts.get(key, (0, None))
        said = f"{count:,} × · {formatting.age(last, self.model.now)}" if last else ""
        said = said or alert_standing.silence(rule, self.model.standing.get(key))
        if len(rule.tickers) == 1:
            href = self.link("market", ticker=rule.tickers[0])
        elif rule.tickers:
            href = url.link("watchlists", watchlist="Rule", watchlist_tickers=rule.tickers[: link_words.MAX_SHARED])
        else:
            href = rule.view or self.link("markets")
        return key, rule.name, rule.words, rule.scope, href, said, rule.paused

    def _row(self, item: Any) -> list[Any]:
        style, before = self.style, item.value_before
        more = f" · and {item.more} more markets" if item.more else ""
        return row(
            str(item.firing_id),
            self.link("market", ticker=item.ticker),
            [
                cell(item.title, sub="" if same_outcome(item.title, item.outcome) else item.outcome),
                cell(f"{alert_words.why(item, style)}{more}"),
                cell(alert_words.value(item.value, item, style)),
                cell(formatting.ABSENT if before is None else alert_words.value(before, item, style)),
                cell(alert_words.threshold(item, style)),
                cell(formatting.age(item.fired_time, self.model.now), title=self.moment(item.fired_time)),
                cell(self.moment(item.as_of)),
                cell(item.rule, title=item.rule),
            ],
        )

    def _nothing(self) -> Markup:
        if self.state.alerts_text or self.state.alerts_kind:
            return face("empty", "Nothing in the log passes", "Take the filter away to see all of it.")
        if not self.model.rules:
            return face("empty", "No rules yet", "Make one above: on a market, on one of your lists, or on a view.")
        return face("empty", "Nothing was told yet", "What crosses a threshold at a refresh appears here by itself.")


_CSS = """
h1.ka-page { font: 500 20px/1.3 var(--ka-font); margin: 2px 0 4px; color: var(--ka-text); }
.about { font: 13px/1.5 var(--ka-font); color: var(--ka-muted); margin: 0 0 8px; max-width: 900px; }
"""
