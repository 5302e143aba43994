// Watchlists live in the browser. Every tab reads the same memory; a change in one is an event in the others.
const KEY = "kalshi-analytics.watchlists"
const FIRST = "Watchlist"
const TICKER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/

const fresh = () => ({current: FIRST, revision: 0, lists: [{name: FIRST, tickers: []}]})

// One desk a tab, however often this module is loaded.
const desk = (window.kaWatch ??= {held: fresh(), kept: true, damaged: false, most: 500, mostLists: 20, told: null, said: null})

const clean = given => {
  if (!given || typeof given !== "object" || !Array.isArray(given.lists)) return null
  const lists = []
  for (const item of given.lists.slice(0, desk.mostLists)) {
    if (typeof item?.name !== "string" || !item.name || !Array.isArray(item.tickers)) continue
    if (lists.some(list => list.name.toLowerCase() === item.name.toLowerCase())) continue
    const tickers = [...new Set(item.tickers.filter(t => typeof t === "string" && TICKER.test(t)))].slice(0, desk.most)
    lists.push({name: item.name.slice(0, 60), tickers})
  }
  if (!lists.length) return null
  const current = lists.some(list => list.name === given.current) ? given.current : lists[0].name
  return {current, revision: Number.isSafeInteger(given.revision) ? given.revision : 0, lists}
}
const read = () => {
  let raw = null
  try { raw = localStorage.getItem(KEY) } catch { desk.kept = false; return }
  if (raw === null) return
  let said = null
  try { said = clean(JSON.parse(raw)) } catch { said = null }
  if (said) { desk.held = said; return }
  // What cannot be read is put aside, not overwritten.
  desk.damaged = true
  try { localStorage.setItem(`${KEY}.damaged`, raw); localStorage.removeItem(KEY) } catch { desk.kept = false }
}
const changed = () => {
  dispatchEvent(new Event("ka-watch"))
  desk.told?.()
}
const keep = next => {
  desk.held = {...next, revision: desk.held.revision + 1}
  try { localStorage.setItem(KEY, JSON.stringify(desk.held)); desk.kept = true } catch { desk.kept = false }
  changed()
}
const chosen = () => desk.held.lists.find(list => list.name === desk.held.current) ?? desk.held.lists[0]
const holders = ticker => desk.held.lists.filter(list => list.tickers.includes(ticker))

const toggle = (ticker, label) => {
  if (!TICKER.test(ticker)) return
  if (desk.kept) read()
  const list = chosen()
  const held = list.tickers.includes(ticker)
  if (!held && list.tickers.length >= desk.most) {
    desk.said?.(`“${list.name}” is full: it has ${desk.most} markets.`, true)
    return
  }
  const tickers = held ? list.tickers.filter(t => t !== ticker) : [...list.tickers, ticker]
  keep({...desk.held, current: list.name, lists: desk.held.lists.map(l => l === list ? {...l, tickers} : l)})
  desk.said?.(`${label || ticker}: ${held ? "no longer in" : "added to"} “${list.name}”`, false)
}

const CSS = `
:host { display: inline-flex; flex: none; vertical-align: middle; }
button { all: unset; box-sizing: border-box; display: inline-flex; align-items: center; justify-content: center; cursor: pointer;
  width: 24px; height: 24px; border-radius: 4px; color: var(--ka-muted); opacity: .65; -webkit-tap-highlight-color: transparent; }
button:hover { color: var(--ka-accent); opacity: 1; background: var(--ka-hover); }
button:focus-visible { outline: 2px solid var(--ka-accent); outline-offset: -2px; opacity: 1; }
svg { width: 15px; height: 15px; fill: none; stroke: currentColor; stroke-width: 1.6; stroke-linejoin: round; }
button[aria-pressed=true] { color: var(--ka-accent); opacity: 1; }
button[aria-pressed=true] svg { fill: currentColor; }
button.elsewhere { color: var(--ka-accent); opacity: 1; }
@media (max-width: 640px) { button { width: 32px; height: 32px; } svg { width: 18px; height: 18px; } }`

if (!customElements.get("ka-star")) {
  customElements.define("ka-star", class extends HTMLElement {
    static observedAttributes = ["ticker", "label"]
    constructor() {
      super()
      const style = document.createElement("style")
      style.textContent = CSS
      this.button = document.createElement("button")
      this.button.type = "button"
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
      svg.setAttribute("viewBox", "0 0 24 24")
      svg.setAttribute("aria-hidden", "true")
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path")
      path.setAttribute("d", "M12 3.6l2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.9-4.3-4.1 5.9-.8z")
      svg.append(path)
      this.button.append(svg)
      // A row is a link, and a star in it is not: nothing of the press reaches the row.
      const press = event => { event.stopPropagation(); event.preventDefault(); this.press() }
      this.button.addEventListener("click", press)
      this.addEventListener("auxclick", event => event.stopPropagation())
      this.attachShadow({mode: "open"}).append(style, this.button)
      this.draw = this.draw.bind(this)
    }
    press() { toggle(this.getAttribute("ticker") ?? "", this.getAttribute("label") ?? "") }
    connectedCallback() { addEventListener("ka-watch", this.draw); this.draw() }
    disconnectedCallback() { removeEventListener("ka-watch", this.draw) }
    attributeChangedCallback() { this.draw() }
    draw() {
      const ticker = this.getAttribute("ticker") ?? ""
      const list = chosen()
      const others = holders(ticker).filter(other => other !== list)
      const held = list.tickers.includes(ticker)
      this.button.setAttribute("aria-pressed", String(held))
      this.button.classList.toggle("elsewhere", !held && others.length > 0)
      const also = others.length ? `; also in ${others.map(o => `“${o.name}”`).join(", ")}` : ""
      this.button.setAttribute("aria-label", `Watch ${this.getAttribute("label") || ticker} in “${list.name}”`)
      this.button.title = `${held ? `Watched in “${list.name}”` : `Watch in “${list.name}”`}${also}`
    }
  })
}

// The star of what has the focus, else of the one market that the page is about.
const nearest = path => {
  for (const node of path) {
    if (!(node instanceof Element)) continue
    const row = node.closest("tr, li")
    const star = node.matches("ka-star") ? node : row?.querySelector("ka-star")
    if (star) return star
  }
  return null
}
const main = root => {
  for (const star of stars(root)) if (star.hasAttribute("main") && star.getClientRects().length) return star
  return null
}
function* stars(root) {
  for (const node of root.querySelectorAll("*")) {
    if (node.localName === "ka-star") yield node
    else if (node.shadowRoot) yield* stars(node.shadowRoot)
  }
}

export function render({model, view}) {
  desk.most = model.most_tickers
  desk.mostLists = model.most_lists
  // Said to screen readers always, shown only where something could not be done.
  const said = document.createElement("div")
  said.setAttribute("role", "status")
  const hidden = "position:fixed;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap;"
  const shown = "position:fixed;left:50%;bottom:20px;transform:translateX(-50%);z-index:3000;padding:9px 16px;border-radius:4px;"
    + "font:13px/1.4 var(--ka-font);color:var(--ka-amber);background:var(--ka-amber-soft);border:1px solid var(--ka-line);"
  said.style.cssText = hidden
  let timer = 0
  desk.said = (words, visible) => {
    clearTimeout(timer)
    said.style.cssText = visible ? shown : hidden
    said.textContent = words
    timer = setTimeout(() => { said.textContent = ""; said.style.cssText = hidden }, 5000)
  }
  let idle = false
  const tell = (refused = false) => {
    if (idle) model.send_msg({kind: "lists", ...desk.held, kept: desk.kept, damaged: desk.damaged, refused})
  }
  desk.told = tell
  read()
  dispatchEvent(new Event("ka-watch"))
  // Lists that were never written say nothing of whether they could be.
  try { localStorage.setItem(`${KEY}.probe`, "1"); localStorage.removeItem(`${KEY}.probe`) } catch { desk.kept = false }

  const stored = event => {
    if (event.key !== KEY && event.key !== null) return
    if (event.newValue === null) desk.held = {...fresh(), revision: desk.held.revision + 1}
    else read()
    changed()
  }
  // The keyboard says the word, and where the focus was (see keyboard.js).
  const act = event => {
    if (event.detail === "watch") (nearest(event.path ?? []) ?? main(document.body))?.press()
  }
  const command = () => {
    const {serial, base, lists, current} = model.command
    if (!serial) return
    if (desk.kept) read()
    const next = clean({lists, current, revision: 0})
    if (base !== desk.held.revision || !next) { dispatchEvent(new Event("ka-watch")); tell(true) }
    else keep(next)
  }
  addEventListener("storage", stored)
  addEventListener("ka-do", act)
  model.on("command", command)
  model.on("remove", () => {
    removeEventListener("storage", stored)
    removeEventListener("ka-do", act)
    clearTimeout(timer)
    if (desk.told === tell) desk.told = desk.said = null
  })
  const start = () => { idle = true; tell() }
  if (view.model.document.is_idle) start()
  else view.model.document.idle.connect(start)
  return said
}
