// A market beside the page. Rows of markets are those with a star; everything is set as text.
const el = (tag, attributes, ...children) => {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
  node.append(...children)
  return node
}
const TICKER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/
const WIDTH = 392
const PHONE = 600
const LINE = [352, 56]
const REST = 600  // milliseconds on one row before what is missing of it is fetched
const STEPS = ["j", "k", "ArrowDown", "ArrowUp"]

const everything = function* (root) {
  for (const node of root.querySelectorAll("*")) {
    yield node
    if (node.shadowRoot) yield* everything(node.shadowRoot)
  }
}
const focused = () => {
  let at = document.activeElement
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
  return at
}
// The row of a market that a node stands in: its link and its ticker.
const row_of = node => {
  const row = node instanceof Element ? node.closest("tbody tr, li") : null
  const link = row?.querySelector("a[href^='?']")
  const ticker = row?.querySelector("ka-star")?.getAttribute("ticker")
  // One that is none has an explanation at the end of its link.
  return link && TICKER.test(ticker ?? "") ? {link, ticker} : null
}
const row_with = ticker => {
  for (const node of everything(document))
    if (node.localName === "ka-star" && node.getAttribute("ticker") === ticker && node.checkVisibility()) {
      const row = row_of(node)
      if (row) return row
    }
  return null
}
const typing = at => at instanceof Element && (at.isContentEditable || at.closest("input, select, textarea"))
const taken = path => path.some(node => node instanceof HTMLDialogElement && node.open || node instanceof Element && node.matches("[popover]"))

export function render({model}) {
  const title = el("h2", {tabindex: "-1"})
  const close = el("button", {type: "button", class: "close", "aria-label": "Close", title: "Close  Esc"}, "×")
  const star = el("ka-star", {})
  const body = el("div", {class: "body"})
  const root = el("aside", {class: "drawer", "aria-label": "Market beside the page", hidden: ""},
    el("header", {}, star, title, close), body)

  // What is open, and what was asked for and not yet answered: keys come faster than answers.
  let wanted = "", rest = 0, closing = false
  const now = () => closing ? "" : wanted || model.ticker
  const ask = (ticker, passing) => {
    if (ticker === now()) return
    wanted = ticker
    closing = false
    model.send_msg({kind: "open", ticker, passing})
    clearTimeout(rest)
    if (passing) rest = setTimeout(() => model.send_msg({kind: "stay"}), REST)
  }
  // Opening it was an entry of the history. Where nothing else changed since, and nothing is on its way that would be
  // written into the entry before, closing goes back over it.
  const bare = search => {
    const said = new URLSearchParams(search)
    said.delete("drawer")
    return said.toString()
  }
  const shut = () => {
    const opened = now()
    if (!opened) return
    const row = row_with(opened)
    const settled = !wanted && new URLSearchParams(location.search).get("drawer") === model.ticker
    clearTimeout(rest)
    wanted = ""
    closing = true
    if (settled && typeof history.state?.beside === "string" && bare(history.state.beside) === bare(location.search)) history.back()
    else model.send_msg({kind: "close"})
    row?.link.focus({preventScroll: true})
  }
  close.addEventListener("click", shut)

  const clicked = event => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    // Enter on a link is a click without a mouse: it leads to the page. So does every click on a phone.
    if (event.isTrusted && event.detail === 0 || innerWidth < PHONE) return
    const link = event.composedPath().find(node => node instanceof HTMLAnchorElement)
    const row = link && row_of(link)
    if (!row || row.link !== link || link.target) return
    event.preventDefault()
    if (event.isTrusted) link.focus({preventScroll: true})
    ask(row.ticker, false)
  }
  const pressed = event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
    const path = event.composedPath(), at = path[0]
    if (taken(path) || typing(at)) return
    if (event.key === "Escape" && now() && !event.defaultPrevented) { event.preventDefault(); shut(); return }
    const row = row_of(at)
    if (event.key === " " && row && row.link === at && innerWidth >= PHONE) {
      event.preventDefault()
      if (row.ticker === now()) title.focus(); else ask(row.ticker, false)
    }
    // Who reads in it goes on from its row.
    if (STEPS.slice(0, 2).includes(event.key) && now() && !row) row_with(now())?.link.focus()
  }
  const followed = event => {
    if (!now() || !STEPS.includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return
    const at = focused(), row = row_of(at)
    if (row && row.link === at) ask(row.ticker, true)
  }
  // Before the router hears of it.
  document.addEventListener("click", clicked, true)
  document.addEventListener("keydown", pressed, true)
  addEventListener("keydown", followed)

  // Made once: the one that was pressed must be there when what it opened is closed, whatever came meanwhile.
  const info = (key, name) => el("button", {type: "button", class: "ka-info", "data-about": `beside-${key}`,
    "aria-haspopup": "dialog", "aria-label": `About ${name}: source, age, SQL, files`, title: "Source, age, SQL, files"}, "i")
  const infos = {market: info("market", "quote and activity"), line: info("line", "the last 7 days"), book: info("book", "the order book")}
  const part = (cls, name, ...children) => el("section", {class: cls, "aria-label": name}, ...children)
  const toned = (tag, attributes, text, tone) => el(tag, {...attributes, "data-tone": tone || ""}, text)
  const facts = items => el("dl", {}, ...items.map(([label, value, sub, about, tone]) =>
    el("div", {title: about}, el("dt", {}, label), toned("dd", {}, value, tone), el("dd", {class: "sub"}, sub))))
  const levels = (side, items) => items.map(([price, contracts, share]) => {
    const bar = el("td", {style: `--share:${Math.max(0, Math.min(100, share * 100))}%`}, contracts)
    return el("tr", {class: side}, el("th", {scope: "row"}, price), bar)
  })
  const ladder = book => {
    const table = el("table", {"aria-label": "Top of the order book"},
      el("thead", {}, el("tr", {}, el("th", {scope: "col", title: book.about}, book.heading), el("th", {scope: "col"}, "Contracts"))),
      el("tbody", {}, ...levels("ask", [...book.asks].reverse()),
        el("tr", {class: "middle"}, toned("td", {colspan: "2"}, book.middle, book.tone)), ...levels("bid", book.bids)))
    return part("book", "Order book", el("h3", {}, "Order book", infos.book, toned("span", {}, book.note, book.old ? "amber" : "")),
      ...book.empty ? [el("p", {class: "quiet"}, book.empty)] : [table])
  }
  const away = ([text, href]) => {
    if (!/^https:\/\//.test(href)) return ""
    return el("a", {href, target: "_blank", rel: "noopener noreferrer"}, text, el("span", {"aria-hidden": "true"}, " ↗"))
  }
  const draw = () => {
    const said = model.said
    if (!model.ticker) { closing = false; root.hidden = true; place(); return }
    if (said.ticker !== model.ticker) return  // the other half of the change is on its way
    if (wanted === model.ticker) wanted = ""
    title.textContent = said.title ?? model.ticker
    title.title = said.title ?? ""
    root.setAttribute("aria-label", `Beside the page: ${said.title ?? model.ticker}`)
    star.setAttribute("ticker", model.ticker)
    star.setAttribute("label", [said.title, said.outcome].filter(Boolean).join(" — "))
    const at = [...body.querySelectorAll("a, button")].indexOf(focused())  // before any of them moves into a new part
    const parts = []
    if (said.outcome || said.tags?.length) parts.push(el("div", {class: "outcome"}, el("bdi", {}, said.outcome ?? ""),
      ...(said.tags ?? []).map(([text, tone]) => toned("span", {class: "tag"}, text, tone))))
    if (said.face) parts.push(el("div", {class: "face", role: "status"}, el("b", {}, said.face[1]), el("span", {}, said.face[2])))
    else {
      const [value, unit, mark, about] = said.big
      const big = el("span", {class: "value", title: about}, value, el("small", {}, /^\w/.test(unit) ? ` ${unit}` : unit))
      if (mark) big.dataset.quality = mark
      const [points, label] = said.line
      parts.push(el("div", {class: "big"}, big, toned("span", {class: "change"}, ...said.change), infos.market))
      parts.push(el("div", {class: "line"}, points.length ? sparkline(points, label, ...LINE) : "",
        el("div", {class: "told"}, el("span", {}, label), infos.line)))
      parts.push(part("facts", "Quote and activity", facts(said.facts)))
      if (said.book) parts.push(ladder(said.book))
      if (said.rules.length) parts.push(part("rules", "Rules", el("h3", {}, "Rules"), ...said.rules.map(text => el("p", {}, el("bdi", {}, text)))))
    }
    const links = (said.links ?? []).filter(([, href]) => href.startsWith("?")).map(([text, href]) => el("a", {href}, text))
    const done = (said.doings ?? []).filter(([, , href]) => href.startsWith("?")).map(doing)
    parts.push(el("nav", {"aria-label": "More of this market"}, ...links, ...done, ...said.away ? [away(said.away)] : []))
    if (said.foot) parts.push(el("footer", {}, said.foot))
    const top = root.scrollTop, other = root.dataset.ticker !== model.ticker
    root.dataset.ticker = model.ticker
    body.replaceChildren(...parts)
    if (at >= 0) body.querySelectorAll("a, button")[at]?.focus({preventScroll: true})
    root.hidden = false
    root.scrollTop = other ? 0 : top
    place()
  }
  // The page beside it ends where it begins, unless the margin of a very wide screen has room for it.
  const place = () => {
    const margin = (innerWidth - 84 - 1600) / 2
    const room = !root.hidden && innerWidth >= 1000 && margin < WIDTH + 12 ? WIDTH - 4 : 0
    document.documentElement.style.setProperty("--ka-beside", `${room}px`)
  }
  addEventListener("resize", place)
  model.on("remove", () => {
    document.removeEventListener("click", clicked, true)
    document.removeEventListener("keydown", pressed, true)
    removeEventListener("keydown", followed)
    removeEventListener("resize", place)
    clearTimeout(rest)
    document.documentElement.style.removeProperty("--ka-beside")
  })
  model.on(["said", "ticker"], draw)
  draw()
  return root
}
