// One stacked bar of links, laid out by the browser. Everything is set as text.
const el = (tag, cls, ...children) => {
  const node = document.createElement(tag)
  if (cls) node.className = cls
  node.append(...children)
  return node
}

export function render({model}) {
  const bar = el("ol", "bar")
  const key = el("ol", "key")
  const table = el("table")
  const details = el("details", "", el("summary", "", "The shares as a table"), el("div", "frame", table))
  const root = el("div", "share", bar, key, details)
  const made = {bar: new Map(), key: new Map()}

  const make = name => el("li", "", el("a", "", el("i"), el("b"), el("span")))
  const dress = (li, [name, share, colour, label, href, title]) => {
    const a = li.firstChild
    li.style.setProperty("--hue", `var(--ka-${colour})`)
    li.style.setProperty("--share", share)
    a.children[1].textContent = name
    a.children[2].textContent = label
    a.title = title
    a.setAttribute("aria-label", `${name}: ${label}`)
    if (typeof href === "string" && href.startsWith("?")) a.setAttribute("href", href); else a.removeAttribute("href")
  }
  const put = (list, items, parts) => {
    const next = new Map()
    for (const part of parts) {
      const li = items.get(part[0]) ?? make()
      dress(li, part)
      next.set(part[0], li)
    }
    const order = [...next.values()]
    if (order.length !== list.children.length || order.some((li, i) => li !== list.children[i])) {
      const focused = list.getRootNode().activeElement
      list.replaceChildren(...order)
      if (focused && list.contains(focused)) focused.focus({preventScroll: true})
    }
    return next
  }
  // A part too narrow for its name is named under the bar instead; never in both places.
  const place = () => {
    if (!bar.clientWidth) return
    for (const [name, li] of made.bar) {
      li.classList.remove("narrow")
      const [, said, label] = li.firstChild.children
      const fits = Math.max(said.scrollWidth, label.scrollWidth) + 16 <= li.clientWidth
      li.classList.toggle("narrow", !fits)
      made.key.get(name).hidden = fits
      const a = li.firstChild
      if (fits) a.removeAttribute("tabindex"); else a.tabIndex = -1
      if (fits) li.removeAttribute("aria-hidden"); else li.setAttribute("aria-hidden", "true")
    }
  }
  const draw = () => {
    root.classList.toggle("loading", !model.ready)
    bar.hidden = key.hidden = model.ready && !model.parts.length
    bar.setAttribute("aria-label", model.label)
    key.setAttribute("aria-label", `${model.label}: smaller parts`)
    made.bar = put(bar, made.bar, model.parts)
    made.key = put(key, made.key, model.parts)
    place()
  }
  const tabulate = () => {
    details.hidden = !model.rows.length
    const line = (tag, cells) => el("tr", "", ...cells.map((said, i) => {
      const cell = el(i ? tag : "th", i ? "n" : "", said)
      if (tag === "th") cell.scope = "col"; else if (!i) cell.scope = "row"
      return cell
    }))
    table.replaceChildren(el("thead", "", line("th", model.heads)), el("tbody", "", ...model.rows.map(row => line("td", row))))
    table.setAttribute("aria-label", model.label)
  }
  const watch = new ResizeObserver(place)
  watch.observe(bar)
  model.on("remove", () => watch.disconnect())
  model.on(["parts", "label", "ready"], draw)
  model.on(["rows", "heads"], tabulate)
  draw(); tabulate()
  return root
}
