// A Vega-Lite chart that is embedded once and then fed: zoom and selections stay while data moves.
let loading = null
const SCRIPTS = "static/extensions/panel/"
const load = scripts => loading ??= (async () => {
  if (window.vegaEmbed) return
  const known = [...document.scripts].map(s => s.src).find(src => src.includes("/" + SCRIPTS))
  const base = known ? known.slice(0, known.indexOf(SCRIPTS)) : ""
  for (const name of scripts) {
    await new Promise((resolve, reject) => {
      const script = document.createElement("script")
      script.src = base + SCRIPTS + name
      script.onload = resolve
      script.onerror = () => { loading = null; reject(new Error("chart library could not be loaded")) }
      document.head.append(script)
    })
  }
})()

export function render({model}) {
  const canvas = document.createElement("div")
  canvas.className = "canvas"
  const root = document.createElement("div")
  root.className = "chart"
  root.append(canvas)
  canvas.setAttribute("role", "img")
  canvas.style.minHeight = `${model.plot_height}px`
  const holder = document.createElement("div")
  holder.className = "rows"
  const details = document.createElement("details")
  const summary = document.createElement("summary")
  summary.textContent = "The chart as a table"
  details.append(summary, holder)
  if (model.table.columns) root.append(details)
  let view = null
  let width = 0

  const rows = () => {
    const columns = Object.entries(model.data)
    const length = columns.length ? columns[0][1].length : 0
    const out = new Array(length)
    for (let i = 0; i < length; i++) {
      const row = {}
      for (const [name, values] of columns) {
        const value = values[i]
        row[name] = typeof value === "number" && isNaN(value) ? null : value
      }
      out[i] = row
    }
    return out
  }
  const room = () => Math.max(120, Math.floor(root.clientWidth) - model.inset)
  const size = () => {
    if (!view || !root.clientWidth) return
    const now = room()
    if (now === width) return
    width = now
    for (const name of ["childWidth", "width"]) try { view.signal(name, now) } catch { /* the other layout */ }
    view.resize().runAsync()
  }
  const set_signals = () => {
    for (const [name, value] of Object.entries(model.signals)) {
      try { view.signal(name, value) } catch { /* not in this spec */ }
    }
  }
  const embed = async () => {
    await load(model.scripts)
    await document.fonts?.load("11px Roboto").catch(() => null)  // a canvas does not wait for fonts by itself
    view?.finalize()
    view = null
    width = room()
    const spec = JSON.parse(JSON.stringify(model.spec).replaceAll('"$width"', String(width)))
    spec.data = {name: "rows", values: rows()}
    const result = await window.vegaEmbed(canvas, spec, {
      actions: false, renderer: "canvas", config: model.config, tooltip: {theme: "ka"},
    })
    view = canvas.view = result.view  // on the element too, for whoever looks at it from outside
    set_signals()
    await view.runAsync()
    describe()  // the library has put a name of its own there
    count("drawn")
    // A first message carries the whole model with it, so there is none when all is well.
    if (failed) model.send_msg({kind: "drawn"})
    failed = false
  }
  const change = async () => {
    set_signals()
    view.change("rows", window.vega.changeset().remove(() => true).insert(rows()))
    await view.runAsync()
    count("fed")
  }
  const count = name => { root.dataset[name] = String(Number(root.dataset[name] ?? 0) + 1) }

  // One thing at a time, and of many changes only the last: two embeddings in one place would draw over each other.
  let fresh = true, anew = true, working = false, gone = false, failed = false
  const work = async () => {
    if (working) return
    working = true
    try {
      while ((fresh || anew) && !gone && root.clientWidth && model.length) {
        const whole = anew || !view
        fresh = anew = false
        await (whole ? embed() : change())
      }
    } catch (error) {
      canvas.replaceChildren()
      canvas.style.minHeight = ""
      failed = true
      details.open = true
      model.send_msg({kind: "failed", message: String(error?.message ?? error)})
    }
    working = false
    if (gone) view?.finalize()
  }
  const describe = () => canvas.setAttribute("aria-label", model.description)

  // What the chart shows, for those who read rather than look; made only while it is open.
  const cell = (tag, text) => { const el = document.createElement(tag); el.textContent = text; return el }
  const line = (tag, texts) => {
    const tr = document.createElement("tr")
    tr.append(...texts.map(text => cell(tag, text)))
    return tr
  }
  const tabulate = () => {
    const {columns, kind, limit} = model.table
    if (!columns || !details.open) { holder.replaceChildren(); return }
    const say = value => typeof value === "number" ? value.toLocaleString("en-US", {maximumFractionDigits: 2}) : value ?? "—"
    const table = document.createElement("table")
    const head = table.createTHead()
    head.append(line("th", columns.map(([, label]) => label)))
    const picked = rows().filter(row => row.kind === kind).slice(-limit).reverse()
    table.createTBody().append(...picked.map(row => line("td", columns.map(([field]) => say(row[field])))))
    holder.replaceChildren(table)
  }
  // What the chart can be taken away as: made here from what is drawn, nothing is asked of anybody.
  const save = (blob, ending) => {
    const link = document.createElement("a")
    link.href = URL.createObjectURL(blob)
    link.download = `${model.file.replace(/[^A-Za-z0-9._-]/g, "_") || "chart"}.${ending}`
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
  }
  const drawn = async act => {
    if (!view) return
    view.background(getComputedStyle(root).getPropertyValue("--ka-surface") || "white")  // else it has no ground
    try { await act() } finally { view.background("transparent") }
  }
  const exported = {
    time: value => new Date(value).toISOString(),
    price: value => (value / 100).toFixed(4),
    number: value => String(value),
  }
  const comma_separated = () => {
    const columns = model.table.export
    const lines = rows().filter(row => row.kind === model.table.kind).map(row =>
      columns.map(([field, , kind]) => row[field] === null ? "" : exported[kind](row[field])).join(","))
    return [columns.map(([, name]) => name).join(","), ...lines, ""].join("\r\n")
  }
  const actions = [
    ["Data as a table", () => { details.open = true; details.scrollIntoView({block: "nearest"}); summary.focus() }],
    ["CSV", () => save(new Blob([comma_separated()], {type: "text/csv;charset=utf-8"}), "csv")],
    ["PNG", () => drawn(async () => {
      const canvas = await view.toCanvas(2)
      save(await new Promise(done => canvas.toBlob(done)), "png")
    })],
    ["SVG", () => drawn(async () => save(new Blob([await view.toSVG()], {type: "image/svg+xml"}), "svg"))],
    ["Whole window again", () => { anew = true; work() }],
  ]
  const menu = document.createElement("div")
  menu.className = "menu"
  const opener = cell("button", "⋯")
  opener.type = "button"
  opener.title = "Zoom with Ctrl and the wheel, move by dragging. Take the chart away as a table, CSV, PNG or SVG."
  opener.setAttribute("aria-label", "Chart menu")
  opener.setAttribute("aria-haspopup", "menu")
  const list = document.createElement("div")
  list.setAttribute("role", "menu")
  const unfold = open => {
    list.hidden = !open
    opener.setAttribute("aria-expanded", String(open))
  }
  for (const [label, act] of actions) {
    const item = cell("button", label)
    item.type = "button"
    item.setAttribute("role", "menuitem")
    item.addEventListener("click", () => { unfold(false); opener.focus(); act() })
    list.append(item)
  }
  opener.addEventListener("click", () => { unfold(list.hidden); if (!list.hidden) list.firstChild.focus() })
  menu.addEventListener("keydown", event => {
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key]
    if (event.key === "Escape") { unfold(false); opener.focus() }
    if (!step || list.hidden) return
    event.preventDefault()
    const items = [...list.children], at = items.indexOf(menu.getRootNode().activeElement)
    items[(at + step + items.length) % items.length].focus()
  })
  menu.addEventListener("focusout", event => { if (!menu.contains(event.relatedTarget)) unfold(false) })
  unfold(false)
  menu.append(opener, list)
  if (model.table.export) root.prepend(menu)

  details.addEventListener("toggle", tabulate)
  const watch = new ResizeObserver(() => { size(); work() })
  watch.observe(root)
  describe()
  model.on("serial", () => { fresh = true; work(); tabulate() })
  model.on(["spec", "config", "scope"], () => { anew = true; work() })
  model.on("signals", () => { if (view && !working) { set_signals(); view.runAsync() } })
  model.on("description", describe)
  model.on("remove", () => { watch.disconnect(); gone = true; if (!working) view?.finalize() })
  return root
}
