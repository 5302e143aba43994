// Ranked lists of links. Everything is set as text; the only addresses are `?…` links of our own.
const el = (tag, cls, ...children) => {
  const node = document.createElement(tag)
  if (cls) node.className = cls
  node.append(...children)
  return node
}
const local = href => typeof href === "string" && href.startsWith("?")

// Two units while there is time, seconds in the last hour.
const left = seconds => {
  if (seconds <= 0) return "now"
  const d = Math.floor(seconds / 86400), h = Math.floor(seconds % 86400 / 3600), m = Math.floor(seconds % 3600 / 60)
  if (d) return h ? `${d} d ${h} h` : `${d} d`
  if (h) return m ? `${h} h ${m} min` : `${h} h`
  return `${m}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`
}

export function render({model}) {
  const root = el("div", model.starred ? "lists starred" : "lists")
  const shown = new Map()  // key of a list -> its parts

  const build = list => {
    const more = el("a", "more")
    const title = el("h2", "", list.title)
    const heads = list.heads.map(([label, about]) => {
      const head = el("span", "n", label)
      head.title = about
      return head
    })
    const items = el("ol")
    const nothing = el("div", "nothing", el("b"), el("span"))
    const info = el("button", "ka-info", "i")
    info.type = "button"
    info.title = "Source, age, SQL, files"
    info.dataset.about = list.info
    info.hidden = !list.info
    info.setAttribute("aria-haspopup", "dialog")
    info.setAttribute("aria-label", `About ${list.title}: source, age, SQL, files`)
    const section = el("section", "", el("header", "", el("div", "name", title, info, more), ...heads), items, nothing)
    section.setAttribute("aria-label", list.title)
    items.style.setProperty("--rows", model.size)
    nothing.style.setProperty("--rows", model.size)
    return {section, title, more, items, nothing, rows: new Map()}
  }
  const figure = (span, [value, tone, title, seconds, quality], fade) => {
    span.dataset.tone = tone || ""
    span.title = title || ""
    const timed = typeof seconds === "number"
    if (quality) span.dataset.quality = quality; else delete span.dataset.quality
    span.dataset.ends = timed ? Date.now() + seconds * 1000 : ""
    const said = timed ? left(seconds) : value
    if (span.textContent === said) return
    const before = span.textContent
    span.textContent = said
    if (fade && !timed) flash(span, before)
  }
  const make = row => {
    const a = el("a", "row", el("span", "t"), el("span", "o", el("span"), el("span", "x")), ...row[6].map(() => el("span", "n")))
    const li = el("li", "", a)
    if (model.starred) li.prepend(el("ka-star"))
    return update(li, row, false)
  }
  const update = (li, [key, href, title, outcome, extra, tip, figures], fade) => {
    const a = li.lastChild
    if (model.starred) {
      li.firstChild.setAttribute("ticker", key)
      li.firstChild.setAttribute("label", [title, outcome].filter(Boolean).join(" — "))
    }
    if (local(href)) { if (a.getAttribute("href") !== href) a.setAttribute("href", href) } else a.removeAttribute("href")
    const [t, o, ...spans] = a.children
    t.textContent = title
    o.children[0].textContent = outcome
    o.children[1].textContent = extra
    o.hidden = !outcome && !extra
    t.title = o.title = tip
    figures.forEach((said, i) => figure(spans[i], said, fade))
    return li
  }
  const skeleton = () => Array.from({length: model.size}, (_, i) => {
    const bar = el("i")
    bar.style.width = `${72 - (i * 23) % 38}%`
    const li = el("li", "ghost", el("span", "row", el("span", "t", bar), el("span", "n", el("i")), el("span", "n", el("i")), el("span", "n", el("i"))))
    li.setAttribute("aria-hidden", "true")
    return li
  })
  const fill = (parts, list) => {
    const {section, title, more, items, nothing} = parts
    title.title = list.about
    more.hidden = !local(list.more[1])
    more.textContent = list.more[0]
    if (local(list.more[1])) more.setAttribute("href", list.more[1])
    more.setAttribute("aria-label", `${list.title}: ${list.more[0]}`)
    section.setAttribute("aria-busy", String(list.loading))
    const next = new Map()
    for (const row of list.rows) {
      const was = parts.rows.get(row[0])
      next.set(row[0], was ? update(was, row, true) : make(row))
    }
    parts.rows = next
    const order = list.loading ? skeleton() : [...next.values()]
    if (list.loading || order.length !== items.children.length || order.some((li, i) => li !== items.children[i])) {
      const focused = items.getRootNode().activeElement
      items.replaceChildren(...order)
      if (focused && items.contains(focused)) focused.focus({preventScroll: true})
    }
    const none = !list.loading && !list.rows.length
    section.classList.toggle("empty", none)
    nothing.hidden = !none
    items.hidden = none
    nothing.children[0].textContent = list.empty[0]
    nothing.children[1].textContent = list.empty[1]
  }
  const draw = () => {
    for (const list of model.lists) {
      if (!shown.has(list.key)) {
        shown.set(list.key, build(list))
        root.append(shown.get(list.key).section)
      }
      fill(shown.get(list.key), list)
    }
  }
  const step = (event, by) => {
    const all = [...root.querySelectorAll("a.row[href]")]
    const to = all[all.indexOf(event.target) + by]
    if (all.includes(event.target) && to) { event.preventDefault(); to.focus() }
  }
  root.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const by = {ArrowDown: 1, j: 1, ArrowUp: -1, k: -1}[event.key]
    if (by) step(event, by)
  })
  const tick = () => {
    if (!root.offsetParent) return
    for (const span of root.querySelectorAll("[data-ends]:not([data-ends=''])")) {
      const said = left((span.dataset.ends - Date.now()) / 1000)
      if (span.textContent !== said) span.textContent = said
    }
  }
  const timer = setInterval(tick, 1000)
  model.on("remove", () => clearInterval(timer))
  model.on("lists", draw)
  draw()
  return root
}
