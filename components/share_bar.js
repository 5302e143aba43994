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
  // The bar as a picture: drawn anew, as a page's own layout cannot be taken away.
  const picture = () => {
    const width = Math.max(640, bar.clientWidth), pen = document.createElement("canvas").getContext("2d")
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
    const add = (name, attributes, text) => {
      const node = document.createElementNS("http://www.w3.org/2000/svg", name)
      for (const [key, value] of Object.entries({"font-family": "Roboto, Inter, sans-serif", ...attributes})) node.setAttribute(key, value)
      if (text) node.textContent = text
      svg.append(node)
    }
    const hue = colour => colour_of(root, `--ka-${colour}`, "#888"), ink = colour_of(root, "--ka-text", "#111")
    add("text", {x: 8, y: 20, "font-size": 13, "font-weight": 500, fill: ink}, model.label)
    let x = 8, left = 8, line = 98
    for (const [name, share, colour, label] of model.parts) {
      const wide = Math.max(1, share * (width - 16))
      add("rect", {x, y: 32, width: Math.max(1, wide - 1), height: 44, fill: hue(colour)})
      pen.font = font_of(13)
      const room = Math.max(pen.measureText(name).width, pen.measureText(label).width) + 16
      if (room <= wide) {
        add("text", {x: x + 8, y: 51, "font-size": 13, "font-weight": 500, fill: hue("surface")}, name)
        add("text", {x: x + 8, y: 68, "font-size": 13, fill: hue("surface")}, label)
      } else {
        const said = `${name} ${label}`, long = pen.measureText(said).width + 34
        if (left + long > width) { left = 8; line += 20 }
        add("rect", {x: left, y: line - 9, width: 9, height: 9, rx: 2, fill: hue(colour)})
        add("text", {x: left + 15, y: line, "font-size": 13, fill: ink}, said)
        left += long
      }
      x += wide
    }
    svg.setAttribute("viewBox", `0 0 ${width} ${line + 12}`)
    return credited_svg(new XMLSerializer().serializeToString(svg), root, model.credit)
  }
  const drawn = () => new Blob([picture()], {type: "image/svg+xml"})
  const rastered = async () => {
    const image = new Image(), address = URL.createObjectURL(drawn())
    image.src = address
    await image.decode()
    const canvas = document.createElement("canvas")
    canvas.width = image.width * 2
    canvas.height = image.height * 2
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height)
    URL.revokeObjectURL(address)
    return new Promise(done => canvas.toBlob(done))
  }
  const own = [
    ["Data as a table", () => { details.open = true; details.scrollIntoView({block: "nearest"}); details.firstChild.focus() }],
    ["PNG", async () => save_as(model.file, "png", await rastered())],
    ["SVG", () => save_as(model.file, "svg", drawn())],
  ]
  const actions = () => [...own, ...shared_actions(root, model)]
  const {menu, fill} = chart_menu(actions(), "Take the shares away as a table, a file, a picture or a link.")
  root.prepend(menu)
  model.on(["files", "address", "info_key"], () => fill(actions()))
  const watch = new ResizeObserver(place)
  watch.observe(bar)
  model.on("remove", () => watch.disconnect())
  model.on(["parts", "label", "ready"], draw)
  model.on(["rows", "heads"], tabulate)
  draw(); tabulate()
  return root
}
