// One page of rows, never more. Everything is set as text; the only address is the row's own `?…` link.
const el = (tag, cls, ...children) => {
  const node = document.createElement(tag)
  if (cls) node.className = cls
  node.append(...children)
  return node
}

export function render({model}) {
  const table = el("table")
  const head = el("thead")
  const body = el("tbody")
  const frame = el("div", "frame", table)
  const status = el("span", "range")
  const first = button("«", "First page", () => turn(1))
  const previous = button("‹", "Previous page", () => turn(model.page - 1))
  const next = button("›", "Next page", () => turn(model.page + 1))
  const where = el("span", "where")
  const foot = el("div", "foot", status, el("span", "space"), first, previous, where, next)
  const root = el("div", "grid", frame, foot)
  table.append(head, body)
  frame.tabIndex = -1

  function button(label, title, act) {
    const b = el("button", "", label)
    b.type = "button"; b.title = title; b.setAttribute("aria-label", title)
    b.addEventListener("click", act)
    return b
  }
  const turn = page => { frame.scrollTop = 0; model.send_msg({kind: "page", page}) }

  const header = () => {
    table.setAttribute("aria-label", model.label)
    const row = el("tr")
    for (const column of model.columns) {
      const th = el("th", classes(column))
      th.scope = "col"
      th.title = column.title ?? ""
      if (column.width) th.style.setProperty("--width", column.width)
      const by = model.sort === column.sort && column.sort
      const tie = model.ties.findIndex(word => word.replace(/^-/, "") === column.sort)
      if (column.sort) {
        const place = model.ties.length ? (by ? 1 : tie + 2) : ""
        const down = by ? model.descending : model.ties[tie]?.startsWith("-")
        const arrow = by || tie >= 0 ? `${down ? "▼" : "▲"}${place}` : ""
        const b = el("button", arrow ? "sorted" : "", el("span", "", column.label), el("span", "arrow", arrow))
        b.lastChild.setAttribute("aria-hidden", "true")
        b.type = "button"
        b.addEventListener("click", event => model.send_msg({kind: "sort", sort: column.sort, more: event.shiftKey}))
        th.append(b)
        th.setAttribute("aria-sort", by ? (model.descending ? "descending" : "ascending") : "none")
      } else th.append(el("span", "", column.label))
      row.append(th)
    }
    head.replaceChildren(row)
  }
  const classes = c => `c-${c.key} ${c.align} ${c.kind} narrow-${c.narrow || "off"}`

  // A row is [id, href, tone, cells]; a cell is a text, or [text, tone, title, sub, bar, quality, points of a line].
  const fill = (td, cell, column, href, id) => {
    const [text, tone, given, sub, bar, quality, points] = Array.isArray(cell) ? cell : [cell ?? ""]
    // The row's link is cut to one line; what it says in full need not be sent twice.
    const title = given || (column.kind === "link" ? [text, sub].filter(Boolean).join(" — ") : "")
    const value = el("span", "value", text)
    if (quality) value.dataset.quality = quality
    if (tone) td.dataset.tone = tone; else delete td.dataset.tone
    if (title) td.title = title; else td.removeAttribute("title")
    const parts = [value]
    if (column.kind === "link") {
      const a = el("a", "", value)
      if (typeof href === "string" && href.startsWith("?")) a.setAttribute("href", href)
      if (sub) a.append(el("span", "sub", sub))
      if (model.starred) {
        // The same star stays, or it would lose the focus whenever a title changes.
        const star = td.querySelector("ka-star") ?? el("ka-star")
        star.setAttribute("ticker", id)
        star.setAttribute("label", [text, sub].filter(Boolean).join(" — "))
        if (star.parentNode === td) { td.lastChild.replaceWith(a); return }
        td.replaceChildren(star, a)
      } else td.replaceChildren(a)
      return
    }
    if (column.kind === "bar") {
      const fillbar = el("span", "fill")
      fillbar.style.width = `${Math.max(0, Math.min(1, bar ?? 0)) * 100}%`
      const track = el("span", "track", fillbar)
      track.setAttribute("aria-hidden", "true")
      track.style.visibility = bar === undefined || bar === null ? "hidden" : "visible"
      parts.push(track)
    }
    if (sub) parts.push(el("span", "sub", sub))
    if (points?.length) parts.splice(0, 1, sparkline(points, title))
    td.replaceChildren(...parts)
  }

  let shown = new Map()  // id -> {tr, href, cells}: a row keeps its element wherever it moves
  const make = ([id, href, , cells]) => {
    const tr = el("tr")
    cells.forEach((cell, j) => {
      const td = el("td", classes(model.columns[j]))
      td.dataset.label = model.columns[j].short
      fill(td, cell, model.columns[j], href, id)
      tr.append(td)
    })
    return tr
  }
  const change = (was, [id, href, , cells]) => {
    cells.forEach((cell, j) => {
      const column = model.columns[j]
      const linked = column.kind === "link" && href !== was.href
      if (!linked && JSON.stringify(cell) === JSON.stringify(was.cells[j])) return
      const td = was.tr.cells[j]
      const before = td.textContent
      fill(td, cell, column, href, id)
      if (column.flash && before !== td.textContent) flash(td, before)
    })
    return was.tr
  }
  const rows = () => {
    // Columns and rows that change together come one after the other.
    if (model.rows.some(([, , , cells]) => cells.length !== model.columns.length)) return
    const next = new Map()
    for (const row of model.rows) {
      const [id, href, tone, cells] = row
      const was = shown.get(id)
      const tr = was ? change(was, row) : make(row)
      tr.dataset.tone = tone
      next.set(id, {tr, href, cells})
    }
    const order = [...next.values()].map(({tr}) => tr)
    if (order.length !== body.rows.length || order.some((tr, i) => tr !== body.rows[i])) {
      // Only what moves is moved: a selection, a focus and the place of the scroll in the rest outlive it.
      const focused = body.getRootNode().activeElement
      const kept = new Set(order)
      for (const tr of [...body.rows]) if (!kept.has(tr)) tr.remove()
      order.forEach((tr, i) => { if (body.rows[i] !== tr) body.insertBefore(tr, body.rows[i] ?? null) })
      if (focused && body.contains(focused)) focused.focus({preventScroll: true})
    }
    shown = next
    footer()
  }
  const footer = () => {
    const {page, size, total} = model
    const pages = Math.max(1, Math.ceil(total / size))
    const from = (page - 1) * size + 1
    const n = x => x.toLocaleString("en-US")
    foot.hidden = !model.paged || total === 0
    status.textContent = total ? `${n(from)}–${n(from + model.rows.length - 1)} of ${n(total)}` : ""
    where.textContent = `page ${n(page)} of ${n(pages)}`
    first.disabled = previous.disabled = page <= 1
    next.disabled = page >= pages
  }
  // The whole row is a link: a click anywhere in it follows the link in it.
  const follow = (event, away) => {
    const tr = event.target.closest("tbody tr")
    const link = tr?.querySelector("a[href]")
    if (!link || event.target.closest("a") || String(getSelection())) return
    if (away) open(link.href, "_blank", "noopener")
    else link.click()
  }
  body.addEventListener("click", event => follow(event, event.ctrlKey || event.metaKey || event.shiftKey))
  body.addEventListener("auxclick", event => { if (event.button === 1) follow(event, true) })
  const walk = (event, from) => {
    const step = {ArrowDown: 1, j: 1, ArrowUp: -1, k: -1}[event.key]
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return
    const to = body.rows[[...body.rows].indexOf(from) + step]?.querySelector("a[href]")
    if (to) { event.preventDefault(); to.focus() }
  }
  body.addEventListener("keydown", event => walk(event, event.target.closest("tr")))
  // The list scrolls inside itself, so that its head and foot stay in sight; on a phone the page scrolls.
  const phone = matchMedia("(max-width: 640px)")
  let scrolled = 0
  const fit = () => {
    if (!model.tall || phone.matches) { frame.style.maxHeight = ""; return }
    const top = frame.getBoundingClientRect().top
    if (frame.offsetParent === null && top === 0) return
    frame.style.maxHeight = `${Math.max(300, innerHeight - Math.max(top, 60) - 56)}px`
  }
  frame.addEventListener("scroll", () => { if (frame.clientHeight) scrolled = frame.scrollTop })
  let height = 0
  const watch = new ResizeObserver(() => {
    fit()
    if (!height && frame.clientHeight) frame.scrollTop = scrolled  // shown again: where the reader was
    height = frame.clientHeight
  })
  watch.observe(root)
  addEventListener("resize", fit)
  model.on("remove", () => {
    watch.disconnect()
    removeEventListener("resize", fit)
  })
  const density = () => root.classList.toggle("dense", model.dense)

  root.classList.toggle("starred", model.starred)
  density(); header(); rows(); requestAnimationFrame(fit)
  model.on("dense", density)
  model.on("columns", () => { shown = new Map(); header(); rows() })
  model.on(["sort", "descending", "ties"], header)
  model.on("rows", rows)
  model.on(["page", "total", "size"], footer)
  return root
}
