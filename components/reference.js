// Entries of a work of reference. Everything is set as text; the only addresses are `?…` links of our own.
const el = (tag, cls, ...children) => {
  const node = document.createElement(tag)
  if (cls) node.className = cls
  node.append(...children)
  return node
}
// `code` between backticks.
const words = text => text.split("`").map((part, i) => i % 2 ? el("code", "", part) : part)

const parts = rows => {
  const list = el("dl")
  for (const [head, text] of rows) {
    const said = el("dd", head === "Formula" ? "formula" : "", ...words(text))
    list.append(el("dt", "", head), said)
  }
  return list
}
const columns = rows => {
  const body = el("tbody", "", ...rows.map(([name, unit, meaning]) =>
    el("tr", "", el("td", "", el("code", "", name)), el("td", "", unit), el("td", "", ...words(meaning)))))
  const head = el("thead", "", el("tr", "", ...["Column", "Unit", "Meaning"].map(name => el("th", "", name))))
  const box = el("div", "scroll", el("table", "", head, body))
  box.tabIndex = 0
  box.setAttribute("role", "region")
  box.setAttribute("aria-label", "Columns")
  return box
}
const query = ([name, about, lines]) => {
  const text = lines.map(([indent, line]) => " ".repeat(indent) + line).join("\n")
  const sql = el("pre", "", text)
  sql.tabIndex = 0
  const copy = el("button", "copy", "Copy")
  copy.type = "button"
  copy.addEventListener("click", async () => {
    // Over plain HTTP a browser has no clipboard to give: the text is selected, to be copied by hand.
    if (!navigator.clipboard) return getSelection().selectAllChildren(sql)
    await navigator.clipboard.writeText(text)
    copy.textContent = "Copied"
    setTimeout(() => { copy.textContent = "Copy" }, 1500)
  })
  return el("details", "", el("summary", "", "SQL ", el("code", "", name)), el("p", "", ...words(about)), el("div", "sql", sql, copy))
}

// The framework puts this into an element of the class `reference`, so that its own needs another.
export function render({model}) {
  const root = el("div", "work")
  const box = el("input")
  Object.assign(box, {type: "search", placeholder: model.label, value: model.query, maxLength: 100, autocomplete: "off"})
  box.setAttribute("aria-label", model.label)
  const count = el("span", "count")
  count.setAttribute("role", "status")
  const contents = el("nav")
  contents.setAttribute("aria-label", "Topics")
  const body = el("div", "entries")
  const none = el("p", "none")
  root.append(el("div", "side", el("div", "field", box, count), contents), el("div", "main", body, none))

  let shown = []
  const build = () => {
    shown = []
    contents.replaceChildren()
    body.replaceChildren()
    let group = "", list = null, heading = null
    for (const item of model.entries) {
      if (item.group !== group) {
        group = item.group
        list = el("ul")
        heading = el("h2", "", group)
        contents.append(el("div", "group", el("b", "", group), list))
        body.append(heading)
      }
      const link = el("a", "", item.title)
      if (item.href.startsWith("?")) link.href = item.href
      const row = el("li", "", link)
      list.append(row)
      const title = el("h3", "", item.title)
      title.tabIndex = -1
      const section = el("section", "", title)
      section.setAttribute("aria-label", item.title)
      for (const [about, rows] of item.said) section.append(el("p", "", ...words(about)), parts(rows))
      // What no formula explains, its queries do.
      if (!item.said.length) for (const [, about] of item.queries) section.append(el("p", "", ...words(about)))
      if (item.columns.length) section.append(columns(item.columns))
      for (const found of item.queries) section.append(query(found))
      body.append(section)
      link.addEventListener("click", event => {
        if (!event.ctrlKey && !event.metaKey && !event.shiftKey) bring(item.key, true)
      })
      shown.push({key: item.key, section, row, title, heading, group: list.parentNode, text: `${item.key} ${item.words} ${section.textContent}`.toLowerCase()})
    }
  }
  const filter = () => {
    const wanted = box.value.toLowerCase().split(/\s+/).filter(Boolean)
    const open = new Set()
    for (const item of shown) {
      const fits = wanted.every(word => item.text.includes(word))
      item.section.hidden = item.row.hidden = !fits
      if (fits) open.add(item.heading)
    }
    for (const item of shown) item.heading.hidden = item.group.hidden = !open.has(item.heading)
    const found = shown.filter(item => !item.section.hidden).length
    count.textContent = wanted.length ? `${found} of ${shown.length}` : ""
    none.textContent = found || !shown.length ? "" : `Nothing here contains “${box.value.trim()}”.`
  }
  // What a page looks like is known only after it was laid out; the reader's own scrolling ends the search for it.
  let sought = ""
  const bring = (key, focus) => {
    const item = shown.find(found => found.key === key)
    for (const other of shown) other.section.classList.toggle("sought", other === item)
    sought = item ? key : ""
    if (!item || item.section.hidden) return
    requestAnimationFrame(() => requestAnimationFrame(() => {
      item.section.scrollIntoView({block: "start"})
      if (focus) item.title.focus({preventScroll: true})
    }))
  }
  let timer = 0
  const tell = () => {
    clearTimeout(timer)
    timer = setTimeout(() => { if (box.value !== model.query) model.send_msg({kind: "query", text: box.value}) }, 300)
  }
  box.addEventListener("input", () => { filter(); tell() })
  box.addEventListener("keydown", event => {
    if (event.key === "Escape" && box.value) { box.value = ""; filter(); tell(); event.preventDefault() }
  })
  // Hidden pages have no size; when this one gets its size, the entry of its link comes into view.
  const sizes = new ResizeObserver(() => { if (sought && root.checkVisibility()) bring(sought, false) })
  sizes.observe(root)
  const free = () => { sought = "" }
  root.addEventListener("wheel", free, {passive: true})
  root.addEventListener("touchmove", free, {passive: true})
  root.addEventListener("keydown", free)

  model.on("entries", () => { build(); filter(); bring(model.topic, false) })
  model.on("topic", () => bring(model.topic, false))
  model.on("query", () => { if (document.activeElement !== box && box.getRootNode().activeElement !== box) { box.value = model.query; filter() } })
  model.on("remove", () => { sizes.disconnect(); clearTimeout(timer) })
  build(); filter(); bring(model.topic, false)
  return root
}
