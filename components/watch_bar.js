// A row of lists, and one form at a time under it. Everything is set as text; the only addresses are our own `?…` links.
const el = (tag, cls, ...children) => {
  const node = document.createElement(tag)
  if (cls) node.className = cls
  node.append(...children)
  return node
}
// A file or a paste beyond this is refused here, with words, before it is sent anywhere.
const MOST = 256000

export function render({model}) {
  const tabs = el("ul", "tabs")
  const made = button("+ New list", "Make another list", () => open("create"))
  made.classList.add("new")
  const row = el("div", "row", tabs, made)
  row.setAttribute("role", "group")
  row.setAttribute("aria-label", "Watchlists")
  const tools = el("div", "tools")
  tools.setAttribute("role", "group")
  tools.setAttribute("aria-label", "This list")
  const panel = el("form", "panel")
  panel.noValidate = true
  const said = el("p", "said")
  said.setAttribute("role", "status")
  const root = el("div", "watch", row, tools, panel, said)

  function button(label, title, act, cls = "") {
    const b = el("button", cls, label)
    b.type = "button"; b.title = title
    b.addEventListener("click", act)
    return b
  }
  const ask = (what, text = "") => model.send_msg({ask: what, text})
  const say = (words, problem = false) => { said.textContent = words; said.classList.toggle("problem", problem) }

  let opened = "", opener = null
  const close = (back = true) => {
    const from = opener
    opened = ""; opener = null
    panel.hidden = true
    panel.replaceChildren()
    if (back && from?.isConnected) from.focus()
  }
  const field = (label, input) => el("label", "field", el("span", "", label), input)
  const name = value => {
    const input = el("input")
    input.maxLength = 40; input.value = value; input.autocomplete = "off"; input.name = "list-name"
    return input
  }
  const lines = (value, placeholder) => {
    const area = el("textarea")
    area.value = value; area.placeholder = placeholder; area.rows = 8; area.spellcheck = false; area.maxLength = MOST
    return area
  }
  const forms = {
    create: () => { const i = name(""); return [[field("Name of the new list", i)], "Make it", () => ask("create", i.value), i] },
    rename: () => { const i = name(model.shown); return [[field("New name", i)], "Rename", () => ask("rename", i.value), i] },
    delete: () => {
      const n = model.lists.find(([name]) => name === model.shown)?.[1] ?? 0
      const words = `Delete “${model.shown}” with ${n === 1 ? "1 market" : `${n} markets`}? It cannot be brought back.`
      return [[el("p", "", words)], "Delete", () => ask("delete"), null]
    },
    edit: () => {
      const area = lines(model.body, "")
      return [[field("Tickers of this list, one a line, in their order", area)], "Save", () => ask("edit", area.value), area]
    },
    import: () => {
      const area = lines("", "ticker\nKXEXAMPLE-26DEC31-T50")
      const file = el("input")
      file.type = "file"; file.accept = ".csv,.txt,text/csv,text/plain"
      file.addEventListener("change", async () => {
        const chosen = file.files[0]
        if (!chosen) return
        if (chosen.size > MOST) { say(`“${chosen.name}” has ${Math.ceil(chosen.size / 1000)} kB; at most ${MOST / 1000} kB are read.`, true); return }
        area.value = await chosen.text()
      })
      return [[field("CSV with a column “ticker”, or one ticker a line", area), field("or from a file", file)], "Add to this list", () => ask("import", area.value), area]
    },
  }
  const open = which => {
    if (opened === which) { close(); return }
    close(false)
    opened = which
    opener = root.getRootNode().activeElement
    const [parts, label, act, first] = forms[which]()
    const go = el("button", which === "delete" ? "go risky" : "go", label)
    go.type = "submit"
    panel.onsubmit = event => { event.preventDefault(); say(""); act() }
    panel.replaceChildren(...parts, el("div", "ends", go, button("Cancel", "", () => close())))
    panel.hidden = false
    ;(first ?? go).focus()
    if (first instanceof HTMLInputElement) first.select()
  }
  panel.hidden = true
  panel.addEventListener("keydown", event => { if (event.key === "Escape") { event.stopPropagation(); close() } })

  const copy = async () => {
    if (!model.address) { say(model.unshared, true); return }
    const address = new URL(model.address, location.href).href
    try { await navigator.clipboard.writeText(address); say("The link is in the clipboard: it shows this list to whoever opens it.") }
    catch { say(`This link shows the list to whoever opens it: ${address}`) }
  }
  const export_csv = () => {
    const b = button("Export CSV", "Save this list with what it shows", () => ask("export"))
    b.dataset.export = "csv"
    return b
  }
  const draw_tools = () => {
    const own = [
      button("Edit", "Change, reorder or empty the list as text", () => open("edit")),
      button("Import CSV", "Add markets from a paste or a file", () => open("import")),
      export_csv(),
      button("Copy link", "A link that shows this list to anybody", copy),
      el("span", "gap"),
      button("Rename", "Give the list another name", () => open("rename")),
      button("←", "Move the list to the left", () => ask("move", "-1"), "small"),
      button("→", "Move the list to the right", () => ask("move", "1"), "small"),
      button("Delete", "Take the list away", () => open("delete")),
    ]
    const shared = [
      button("Keep this list", "Add it to your lists in this browser", () => ask("keep"), "go"),
      export_csv(),
      button("Copy link", "The link that shows this list", copy),
    ]
    for (const b of own) if (b.classList.contains("small")) b.setAttribute("aria-label", b.title)
    tools.replaceChildren(...(model.shared ? shared : own))
  }
  const draw = () => {
    const focused = root.getRootNode().activeElement?.getAttribute?.("href")
    const items = model.lists.map(([name, count, href]) => {
      const a = el("a", "", el("bdi", "", name), el("span", "", String(count)))
      a.href = href
      a.setAttribute("aria-label", `${name}, ${count === 1 ? "1 market" : `${count} markets`}`)
      if (!model.shared && name === model.shown) a.setAttribute("aria-current", "page")
      return el("li", "", a)
    })
    if (model.shared) {
      const a = el("a", "given", el("bdi", "", model.shown || "Shared list"), el("span", "", "from a link"))
      a.setAttribute("aria-current", "page")
      items.push(el("li", "", a))
    }
    tabs.replaceChildren(...items)
    if (focused) [...tabs.querySelectorAll("a")].find(a => a.getAttribute("href") === focused)?.focus()
  }
  const answered = () => {
    const {words, problem, serial} = model.answer
    if (!serial) return
    say(words, problem)
    if (!problem) close()
  }
  let was = model.shown
  const moved = () => {
    if (was !== model.shown) { was = model.shown; if (opened) close(false); say("") }
    draw()
  }
  draw(); draw_tools()
  model.on("lists", draw)
  model.on("shown", moved)
  model.on("shared", () => { draw(); draw_tools() })
  model.on("answer", answered)
  return root
}
