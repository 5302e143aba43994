// The field in the bar and its list. One question is under way at a time; the newest text is asked when it is answered.
const el = (tag, attributes, ...children) => {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
  node.append(...children)
  return node
}
const RECENT = "kalshi-analytics.recent"
const MOST_RECENT = 8
const words = text => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().split(/\s+/).filter(Boolean)
const focused = () => {
  let at = document.activeElement
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
  return at
}
const recent = () => {
  try {
    const held = JSON.parse(localStorage.getItem(RECENT) ?? "[]")
    return held.filter(o => [o.title, o.detail, o.figure, o.href].every(v => typeof v === "string") && o.href.startsWith("?"))
  } catch { return [] }
}
const remember = option => {
  const flat = {
    title: option.title.join(""), detail: option.detail.join(""), href: option.href,
    figure: option.kind === "Recent" ? option.figure : option.kind,
  }
  const kept = [flat, ...recent().filter(o => o.title !== flat.title || o.detail !== flat.detail)].slice(0, MOST_RECENT)
  try { localStorage.setItem(RECENT, JSON.stringify(kept)) } catch { /* a full or closed memory forgets */ }
}
const whole = ({title, detail, figure, href}) => ({title: [title], detail: [detail], figure, href, action: ""})

export function render({model}) {
  const field = el("button", {type: "button", class: "field", "aria-label": "Search everything", "aria-haspopup": "dialog", title: "Search everything  /"},
    el("span", {class: "glass", "aria-hidden": "true"}), el("span", {class: "said"}, "Search"), el("kbd", {"aria-hidden": "true"}, "/"))
  const input = el("input", {
    type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": "options", "aria-autocomplete": "list",
    "aria-label": "Search markets, events, series, tags, pages and actions", placeholder: "Markets, events, series, tags, pages, actions",
    maxlength: "100", autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "go",
  })
  const list = el("div", {id: "options", role: "listbox", "aria-label": "Results"})
  const note = el("p", {class: "note", role: "status"})
  const close = el("button", {type: "button", class: "close", "aria-label": "Close", tabindex: "-1"}, "Esc")
  const hint = (keys, said) => el("span", {}, ...keys.map(key => el("kbd", {}, key)), said)
  const foot = el("footer", {"aria-hidden": "true"},
    hint(["↑", "↓"], "choose"), hint(["Enter"], "open"), hint(["Ctrl", "Enter"], "in a new tab"))
  const dialog = el("dialog", {"aria-label": "Search everything"},
    el("div", {class: "typed"}, el("span", {class: "glass", "aria-hidden": "true"}), input, close), el("div", {class: "found"}, list, note), foot)

  let before = null, serial = 0, asked = null, shown = [], at = 0, wanted = null

  const parts = pieces => pieces.map((piece, n) => n % 2 ? el("mark", {}, piece) : piece)
  const row = option => {
    const node = el(option.href ? "a" : "div", {role: "option", id: `option-${shown.length}`, tabindex: "-1", "aria-selected": "false"},
      el("span", {class: "title"}, ...parts(option.title)))
    if (option.detail.join("")) node.lastChild.append(el("span", {class: "detail"}, ...parts(option.detail)))
    node.append(el("span", {class: "figure"}, option.figure))
    if (option.href) node.setAttribute("href", option.href)
    const place = shown.length
    node.addEventListener("pointermove", () => mark(place, false))
    node.addEventListener("click", event => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) { remember(option); return }
      if (!option.href) event.preventDefault()
      if (event.isTrusted) done(option)
    })
    shown.push({option, node})
    return node
  }
  const show = groups => {
    shown = []
    list.replaceChildren(...groups.filter(g => g.options.length).map((part, n) => el("div", {role: "group", "aria-labelledby": `group-${n}`},
      el("div", {class: "kind", id: `group-${n}`}, part.name), ...part.options.map(o => row({...o, kind: part.name})))))
    at = 0
    mark(0, true)
  }
  const mark = (place, scroll) => {
    shown[at]?.node.setAttribute("aria-selected", "false")
    at = place
    const node = shown[at]?.node
    if (!node) { input.removeAttribute("aria-activedescendant"); return }
    node.setAttribute("aria-selected", "true")
    input.setAttribute("aria-activedescendant", node.id)
    if (scroll) node.scrollIntoView({block: "nearest"})
    if (scroll && at === 0) list.scrollTop = 0
  }

  const views = typed => {
    const asked = words(typed)
    const held = heldViews().filter(({name}) => { const own = words(name).join(" "); return asked.every(word => own.includes(word)) })
    return {name: "Saved views", options: held.map(v => whole({title: v.name, detail: "", figure: "view", href: v.search}))}
  }
  const typed = () => input.value.trim()
  // What stands is faded until what was typed is answered: it belongs to the text before.
  const expect = text => { asked = text; list.setAttribute("aria-busy", String(text !== null)) }
  const ask = () => {
    const text = typed()
    if (!text) { expect(null); begin(); return }
    if (asked !== null) return
    expect(text)
    model.send_msg({kind: "ask", text, serial: ++serial})
  }
  const today = option => {
    const link = new URLSearchParams(option.href), here = new URLSearchParams(location.search)
    for (const key of model.kept) {
      link.delete(key)
      if (here.has(key)) link.set(key, here.get(key))
    }
    return {...option, href: `?${link}`}
  }
  const begin = () => {
    note.textContent = ""
    show([{name: "Recent", options: recent().map(o => whole(today(o)))}, views(""), ...model.start])
  }
  const answered = () => {
    if (!dialog.open || model.found.serial !== serial || asked === null) return
    const text = asked
    expect(null)
    if (typed() !== text) { ask(); if (asked === null) return }
    const own = views(text)
    show([own, ...model.found.groups])
    note.textContent = shown.length && !model.found.note ? `${shown.length} results` : model.found.note
    note.classList.toggle("quiet", shown.length > 0 && !model.found.note)
    if (wanted && asked === null) { const away = wanted.away; wanted = null; choose(away) }
  }

  const open = () => {
    if (dialog.open) return
    before = focused()
    dialog.showModal()
    input.value = ""
    expect(null); wanted = null
    begin()
    input.focus()
  }
  const shut = back => {
    if (!dialog.open) return
    dialog.close()
    if (back) before?.focus?.()
  }
  const done = option => {
    if (option.href) remember(option)
    shut(!option.href)
    if (!option.action) return
    if (option.action.startsWith("here:")) dispatchEvent(new CustomEvent("ka-do", {detail: option.action.slice(5)}))
    else model.send_msg({kind: "do", action: option.action})
  }
  const choose = away => {
    // What was typed a moment ago counts, not the list that still stands from before it.
    if (asked !== null) { wanted = {away}; return }
    const chosen = shown[at]
    if (!chosen) return
    if (away && chosen.option.href) { remember(chosen.option); window.open(chosen.node.href, "_blank", "noopener"); return }
    done(chosen.option)
    if (chosen.option.href) follow(chosen.option.href)
  }
  // The router follows a link that is clicked; one in a closed dialog is none any more.
  const follow = href => {
    const link = el("a", {href, hidden: ""})
    field.after(link)
    link.click()
    link.remove()
  }

  input.addEventListener("input", () => { wanted = null; ask() })
  input.addEventListener("keydown", event => {
    const by = {ArrowDown: 1, ArrowUp: -1}[event.key]
    if (by && shown.length) { event.preventDefault(); mark((at + by + shown.length) % shown.length, true) }
    else if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); choose(event.ctrlKey || event.metaKey) }
    else if (event.key === "k" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); shut(true) }
  })
  field.addEventListener("click", open)
  close.addEventListener("click", () => shut(true))
  dialog.addEventListener("cancel", event => { event.preventDefault(); shut(true) })
  dialog.addEventListener("click", event => { if (event.target === dialog) shut(true) })
  const act = event => { if (event.detail === "search") open() }
  addEventListener("ka-do", act)

  model.on("found", answered)
  model.on("remove", () => removeEventListener("ka-do", act))
  return el("div", {class: "palette"}, field, dialog)
}
