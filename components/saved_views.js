// A menu of links with names. All of it is text; the only addresses are `?…` links of our own.
const el = (tag, attributes, ...children) => {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
  node.append(...children)
  return node
}

const focused = () => {
  let at = document.activeElement
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
  return at
}

export function render({model}) {
  let before = null
  const opener = el("button", {type: "button", class: "opener", title: "Saved views  v", "aria-label": "Saved views", "aria-haspopup": "dialog", "aria-expanded": "false"})
  const drawn = (tag, attributes, ...children) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag)
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
    node.append(...children)
    return node
  }
  const look = {viewBox: "0 0 24 24", width: 17, height: 17, "aria-hidden": "true", fill: "none", stroke: "currentColor"}
  const line = {"stroke-width": 1.8, "stroke-linejoin": "round"}
  opener.append(drawn("svg", {...look, ...line}, drawn("path", {d: "M7 4h10v16l-5-4-5 4z"})))
  const list = el("ol", {})
  const none = el("p", {class: "none"}, "No view is saved yet. A view is this page with its filters, columns and order.")
  const input = el("input", {type: "text", maxlength: "60", "aria-label": "Name of the view", placeholder: "Name of this view", autocomplete: "off", spellcheck: "false"})
  const save = el("button", {type: "submit", class: "save"}, "Save")
  const note = el("p", {class: "note", role: "status"})
  const form = el("form", {}, input, save)
  const menu = el("div", {class: "menu", popover: "auto", role: "dialog", "aria-label": "Saved views"},
    el("h2", {}, "Saved views"), list, none, form, note)

  const keep = (views, words = "") => {
    note.textContent = keepViews(views) ? words : "This browser keeps nothing: the view was not saved."
    fill()
  }
  const same = (a, b) => a.trim().toLowerCase() === b.trim().toLowerCase()
  const present = () => location.search || "?page=pulse"
  const small = (words, sign, act, off = false) => {
    const b = el("button", {type: "button", class: "small", "aria-label": words, title: words}, sign)
    b.disabled = off
    b.addEventListener("click", act)
    return b
  }
  const move = (at, by) => {
    const views = heldViews()
    const [view] = views.splice(at, 1)
    views.splice(at + by, 0, view)
    keep(views, `${view.name} is number ${at + by + 1} now`)
    list.children[at + by]?.querySelector(by < 0 ? ".small:nth-of-type(1)" : ".small:nth-of-type(2)")?.focus()
  }
  const rename = (item, at) => {
    const view = heldViews()[at]
    const field = el("input", {type: "text", maxlength: "60", "aria-label": `New name of ${view.name}`})
    field.value = view.name
    const done = take => {
      const name = field.value.trim(), views = heldViews()
      const taken = views.some((v, n) => n !== at && same(v.name, name))
      if (!take || !name || name === view.name || taken) {
        fill()
        note.textContent = take && taken ? `There is a view “${name}” already.` : ""
      } else keep(views.map((v, n) => n === at ? {...v, name} : v), `Renamed to ${name}`)
      list.children[at]?.querySelector("a")?.focus()
    }
    field.addEventListener("keydown", event => {
      if (event.key === "Enter") { event.preventDefault(); done(true) }
      if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); done(false) }
    })
    item.querySelector("a").replaceWith(field)
    field.select()
    field.focus()
  }
  const fill = () => {
    const views = heldViews()
    list.replaceChildren(...views.map((view, at) => {
      const link = el("a", {href: view.search, title: view.name}, view.name)
      if (view.search === present()) link.setAttribute("aria-current", "page")
      link.addEventListener("click", event => { if (!(event.ctrlKey || event.metaKey || event.shiftKey)) menu.hidePopover() })
      const item = el("li", {}, link)
      item.append(
        small(`Move ${view.name} up`, "↑", () => move(at, -1), at === 0),
        small(`Move ${view.name} down`, "↓", () => move(at, 1), at === views.length - 1),
        small(`Rename ${view.name}`, "✎", () => rename(item, at)),
        small(`Delete ${view.name}`, "×", () => {
          keep(heldViews().filter((_, n) => n !== at), `${view.name} is deleted`)
          ;(list.children[Math.min(at, list.children.length - 1)]?.querySelector("a") ?? input).focus()
        }))
      return item
    }))
    none.hidden = views.length > 0
  }
  form.addEventListener("submit", event => {
    event.preventDefault()
    const name = input.value.trim()
    if (!name) { input.focus(); return }
    const views = heldViews(), known = views.findIndex(v => same(v.name, name))
    const view = {name, search: present()}
    if (known < 0 && views.length >= MOST_VIEWS) { note.textContent = `There are ${MOST_VIEWS} views; delete one first.`; return }
    input.value = ""
    keep(known < 0 ? [...views, view] : views.map((v, n) => n === known ? view : v), known < 0 ? `${name} is saved` : `${name} is this view now`)
  })

  const open = naming => {
    note.textContent = ""
    fill()
    if (!menu.matches(":popover-open")) before = focused()
    if (!menu.matches(":popover-open")) menu.showPopover()
    const under = opener.getBoundingClientRect(), width = menu.offsetWidth
    const right = opener.offsetParent === null && !under.width ? innerWidth - 8 : under.right
    menu.style.top = `${(under.bottom || 48) + 6}px`
    menu.style.left = `${Math.max(8, Math.min(right - width, document.documentElement.clientWidth - width - 8))}px`
    if (naming || !list.childElementCount) {
      input.value = document.title.split(" · ").slice(0, -1).join(" · ").slice(0, 60)
      input.select()
      input.focus()
    } else list.querySelector("a")?.focus()
  }
  menu.addEventListener("toggle", event => {
    opener.setAttribute("aria-expanded", String(event.newState === "open"))
    const at = focused()
    if (event.newState === "closed" && (at === document.body || menu.contains(at))) before?.focus?.({preventScroll: true})
  })
  menu.addEventListener("keydown", event => {
    const by = {ArrowDown: 1, ArrowUp: -1}[event.key]
    const links = [...list.querySelectorAll("a")], at = links.indexOf(event.target)
    if (by && at >= 0 && links[at + by]) { event.preventDefault(); links[at + by].focus() }
  })
  opener.addEventListener("click", () => menu.matches(":popover-open") ? menu.hidePopover() : open(false))
  const act = event => {
    if (event.detail === "views") open(false)
    if (event.detail === "save-view") open(true)
  }
  const elsewhere = event => { if (event.key === VIEWS && menu.matches(":popover-open")) fill() }
  addEventListener("ka-do", act)
  addEventListener("storage", elsewhere)
  model.on("remove", () => { removeEventListener("ka-do", act); removeEventListener("storage", elsewhere) })
  return el("div", {class: "views"}, opener, menu)
}
