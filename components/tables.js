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
      if (column.sort) {
        const arrow = by ? (model.descending ? "▼" : "▲") : ""
        const b = el("button", by ? "sorted" : "", el("span", "", column.label), el("span", "arrow", arrow))
        b.type = "button"
        b.addEventListener("click", () => model.send_msg({kind: "sort", sort: column.sort}))
        th.append(b)
        th.setAttribute("aria-sort", by ? (model.descending ? "descending" : "ascending") : "none")
      } else th.append(el("span", "", column.label))
      row.append(th)
    }
    head.replaceChildren(row)
  }
  const classes = c => `c-${c.key} ${c.align} ${c.kind} narrow-${c.narrow || "off"}`

  // A row is [id, href, tone, cells]; a cell is a text, or [text, tone, title, sub, bar].
  const fill = (td, cell, column, href) => {
    const [text, tone, title, sub, bar] = Array.isArray(cell) ? cell : [cell ?? ""]
    const value = el("span", "value", text)
    if (tone) td.dataset.tone = tone; else delete td.dataset.tone
    if (title) td.title = title; else td.removeAttribute("title")
    const parts = [value]
    if (column.kind === "link") {
      const a = el("a", "", value)
      if (typeof href === "string" && href.startsWith("?")) a.setAttribute("href", href)
      if (sub) a.append(el("span", "sub", sub))
      td.replaceChildren(a)
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
    td.replaceChildren(...parts)
  }

  const calm = matchMedia("(prefers-reduced-motion: reduce)")
  let shown = []
  const rows = () => {
    const fresh = model.rows
    const columns = model.columns
    const same = fresh.length === shown.length && fresh.every(([id], i) => id === shown[i][0])
    if (same && body.rows.length === fresh.length) {
      fresh.forEach(([, href, tone, cells], i) => {
        const tr = body.rows[i]
        tr.dataset.tone = tone
        cells.forEach((cell, j) => {
          const linked = columns[j].kind === "link" && href !== shown[i][1]
          if (!linked && JSON.stringify(cell) === JSON.stringify(shown[i][3][j])) return
          const td = tr.cells[j]
          const was = td.textContent
          fill(td, cell, columns[j], href)
          if (!calm.matches && was !== td.textContent && columns[j].flash) {
            td.classList.remove("changed"); void td.offsetWidth; td.classList.add("changed")
          }
        })
      })
    } else {
      body.replaceChildren(...fresh.map(([, href, tone, cells]) => {
        const tr = el("tr")
        tr.dataset.tone = tone
        cells.forEach((cell, j) => {
          const td = el("td", classes(columns[j]))
          td.dataset.label = columns[j].short ?? columns[j].label
          fill(td, cell, columns[j], href)
          tr.append(td)
        })
        return tr
      }))
    }
    shown = fresh
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
  body.addEventListener("keydown", event => {
    const step = {ArrowDown: 1, j: 1, ArrowUp: -1, k: -1}[event.key]
    if (!step) return
    const to = body.rows[[...body.rows].indexOf(event.target.closest("tr")) + step]?.querySelector("a[href]")
    if (to) { event.preventDefault(); to.focus() }
  })

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
  model.on("remove", () => { watch.disconnect(); removeEventListener("resize", fit) })

  header(); rows(); requestAnimationFrame(fit)
  model.on(["columns"], () => { shown = []; header(); rows() })
  model.on(["sort", "descending"], header)
  model.on("rows", rows)
  model.on(["page", "total", "size"], footer)
  return root
}
