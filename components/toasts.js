// Cards in a corner, set as text; and what was read, kept by the browser for all its tabs.
const KEY = "kalshi-analytics.alerts-read"
const SECONDS = 12

const el = (tag, cls, ...children) => {
  const node = document.createElement(tag)
  if (cls) node.className = cls
  node.append(...children)
  return node
}
let memory = {}
const recall = () => {
  try {
    const said = JSON.parse(localStorage.getItem(KEY) ?? "{}")
    if (said && typeof said === "object" && !Array.isArray(said)) memory = {...memory, ...said}
  } catch { /* a browser that keeps nothing remembers for as long as the tab is open */ }
  return memory
}

export function render({model, view}) {
  const list = el("div", "cards")
  list.setAttribute("role", "log")
  list.setAttribute("aria-live", "polite")
  list.setAttribute("aria-label", "Alerts")
  const remove = card => { clearTimeout(card.timer); card.remove() }
  const show = () => {
    const {items, serial} = model.cards
    if (!serial || !Array.isArray(items)) return
    // Never more than one round at a time: what is older is in the log.
    for (const card of [...list.children]) remove(card)
    for (const [title, words, href] of items) {
      const head = el(href ? "a" : "span", "title", title)
      if (href) head.setAttribute("href", href)
      const close = el("button", "close", "×")
      close.type = "button"
      close.setAttribute("aria-label", "Close")
      const card = el("div", "card", el("div", "words", head, el("span", "why", words)), close)
      close.addEventListener("click", () => remove(card))
      card.addEventListener("click", event => { if (event.target.closest("a")) remove(card) })
      const run = () => { clearTimeout(card.timer); card.timer = setTimeout(() => remove(card), SECONDS * 1000) }
      card.addEventListener("mouseenter", () => clearTimeout(card.timer))
      card.addEventListener("mouseleave", run)
      card.addEventListener("focusin", () => clearTimeout(card.timer))
      card.addEventListener("focusout", run)
      run()
      list.append(card)
    }
  }
  const tell = () => {
    const number = recall()[model.scope]
    if (model.scope) model.send_msg({kind: "read", scope: model.scope, number: Number.isSafeInteger(number) ? number : -1})
  }
  const read = () => {
    // A tab in the background reads nothing; it does when it comes to the front.
    if (!model.scope || model.read < 0 || document.hidden) return
    recall()
    if (memory[model.scope] === model.read) return
    memory = {...memory, [model.scope]: model.read}
    try { localStorage.setItem(KEY, JSON.stringify(memory)) } catch { /* remembered in this tab */ }
  }
  const stored = event => { if (event.key === KEY) tell() }
  addEventListener("storage", stored)
  document.addEventListener("visibilitychange", read)
  model.on("cards", show)
  model.on("read", read)
  model.on("scope", tell)
  model.on("remove", () => {
    removeEventListener("storage", stored)
    document.removeEventListener("visibilitychange", read)
    for (const card of [...list.children]) remove(card)
  })
  if (view.model.document.is_idle) tell()
  else view.model.document.idle.connect(tell)
  return list
}
