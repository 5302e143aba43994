// What every chart can be taken away as, and the menu that offers it. Put before the script of a chart (see chart_menu.py).
const say_to_page = (root, name, detail) =>
  root.dispatchEvent(new CustomEvent(name, {bubbles: true, composed: true, detail}))

// A line under a picture says where it comes from and how old it is: a picture outlives the page it was taken from.
const CREDIT_HEIGHT = 22
const colour_of = (root, name, other) => getComputedStyle(root).getPropertyValue(name).trim() || other
const font_of = pixels => `${pixels}px Roboto, Inter, system-ui, sans-serif`
const credited_svg = (text, root, credit) => {
  const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement
  const [, , width, height] = (svg.getAttribute("viewBox") ?? `0 0 ${svg.getAttribute("width")} ${svg.getAttribute("height")}`).split(/\s+/).map(Number)
  const make = (name, attributes) => {
    const el = document.createElementNS("http://www.w3.org/2000/svg", name)
    for (const [key, value] of Object.entries(attributes)) el.setAttribute(key, value)
    return el
  }
  svg.setAttribute("width", width)
  svg.setAttribute("height", height + CREDIT_HEIGHT)
  svg.setAttribute("viewBox", `0 0 ${width} ${height + CREDIT_HEIGHT}`)
  svg.prepend(make("rect", {width, height: height + CREDIT_HEIGHT, fill: colour_of(root, "--ka-surface", "#fff")}))
  const line = make("text", {x: 8, y: height + 14, "font-size": 11, "font-family": "Roboto, Inter, sans-serif", fill: colour_of(root, "--ka-muted", "#555")})
  line.textContent = credit
  svg.append(line)
  return new XMLSerializer().serializeToString(svg)
}
const credited_png = async (drawn, root, credit, scale) => {
  const canvas = document.createElement("canvas")
  canvas.width = drawn.width
  canvas.height = drawn.height + CREDIT_HEIGHT * scale
  const pen = canvas.getContext("2d")
  pen.fillStyle = colour_of(root, "--ka-surface", "#fff")
  pen.fillRect(0, 0, canvas.width, canvas.height)
  pen.drawImage(drawn, 0, 0)
  pen.fillStyle = colour_of(root, "--ka-muted", "#555")
  pen.font = font_of(11 * scale)
  pen.fillText(credit, 8 * scale, drawn.height + 14 * scale, canvas.width - 16 * scale)
  return new Promise(done => canvas.toBlob(done))
}
const save_as = (name, ending, blob) => {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(blob)
  link.download = `${name.replace(/[^A-Za-z0-9._-]/g, "_") || "chart"}.${ending}`
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
// What every chart offers beside its own: its data, its link, its frame, and where it comes from.
const shared_actions = (root, model) => {
  const found = []
  for (const [label, address] of model.files) found.push([label, () => say_to_page(root, "ka-file", {address})])
  if (model.address) {
    found.push(["Copy link", () => say_to_page(root, "ka-copy", {link: model.address, said: "Link copied"})])
    found.push(["Copy frame (embed)", () =>
      say_to_page(root, "ka-copy", {
        frame: model.address, panel: model.info_key, title: model.credit.split(" · ")[0], said: "Frame copied",
      })])
  }
  if (model.info_key) found.push(["Where it comes from (i)", null, model.info_key])
  return found
}

// `actions` are (label, what it does, or the key of its "i").
const chart_menu = (actions, hint) => {
  const button = (text, role) => {
    const el = document.createElement("button")
    el.type = "button"
    el.textContent = text
    if (role) el.setAttribute("role", role)
    return el
  }
  const menu = document.createElement("div")
  menu.className = "menu"
  menu.dataset.back = ""  // what is opened from here leads back to its first button
  const opener = button("⋯")
  opener.title = hint
  opener.setAttribute("aria-label", "Chart menu")
  opener.setAttribute("aria-haspopup", "menu")
  const list = document.createElement("div")
  list.setAttribute("role", "menu")
  const unfold = open => {
    list.hidden = !open
    opener.setAttribute("aria-expanded", String(open))
    if (open) list.scrollIntoView({block: "nearest"})
  }
  const fill = actions => list.replaceChildren(...actions.map(([label, act, about]) => {
    const item = button(label, "menuitem")
    if (about) item.dataset.about = about
    else item.addEventListener("click", () => { unfold(false); opener.focus(); act() })
    return item
  }))
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
  fill(actions)
  menu.append(opener, list)
  return {menu, fill}
}
