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
    if (model.pickable) result.view.addEventListener("click", (_, item) => {
      const said = item?.datum?.pick
      if (typeof said === "string" && said) model.send_msg({kind: "pick", pick: said})
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
    const picked = rows().filter(row => [].concat(kind).includes(row.kind)).slice(-limit).reverse()
    table.createTBody().append(...picked.map(row => line("td", columns.map(([field]) => say(row[field])))))
    holder.replaceChildren(table)
  }
  // What the chart can be taken away as: made here from what is drawn, nothing is asked of anybody.
  const save = (blob, ending) => save_as(model.file, ending, blob)
  const drawn = async act => {
    if (!view) return
    view.background(getComputedStyle(root).getPropertyValue("--ka-surface") || "white")  // else it has no ground
    try { await act() } finally { view.background("transparent") }
  }
  const own = [
    ["Data as a table", () => { details.open = true; details.scrollIntoView({block: "nearest"}); summary.focus() }],
    ["PNG", () => drawn(async () => save(await credited_png(await view.toCanvas(2), root, model.credit, 2), "png"))],
    ["SVG", () => drawn(async () => {
      save(new Blob([credited_svg(await view.toSVG(), root, model.credit)], {type: "image/svg+xml"}), "svg")
    })],
  ]
  const again = ["Whole window again", () => { anew = true; work() }]
  const actions = () => [...own, ...shared_actions(root, model), again]
  const {menu, fill} = chart_menu(
    actions(), "Zoom with Ctrl and the wheel, move by dragging. Take the chart away as a table, a file, a picture or a link.")
  // A chart may be made before it is known what is in it.
  const attach = () => {
    if (!model.table.columns || details.parentNode) return
    root.prepend(menu)
    root.append(details)
  }
  attach()

  details.addEventListener("toggle", tabulate)
  const watch = new ResizeObserver(() => { size(); work() })
  watch.observe(root)
  describe()
  model.on("serial", () => { fresh = true; work(); tabulate() })
  model.on(["spec", "config", "scope"], () => { anew = true; work() })
  model.on("signals", () => { if (view && !working) { set_signals(); view.runAsync() } })
  model.on("description", describe)
  model.on("table", () => { attach(); tabulate() })
  model.on(["files", "address", "info_key"], () => fill(actions()))
  model.on("remove", () => { watch.disconnect(); gone = true; if (!working) view?.finalize() })
  return root
}
