// Rules and the form of a new one. Everything is set as text; the only addresses are our own `?…` links.
const el = (tag, cls, ...children) => {
  const node = document.createElement(tag)
  if (cls) node.className = cls
  node.append(...children)
  return node
}
const option = (value, label) => { const o = el("option", "", label); o.value = value; return o }

export function render({model}) {
  const made = el("button", "go", "New rule")
  made.type = "button"
  const form = el("form", "form")
  form.noValidate = true
  form.hidden = true
  const said = el("p", "said")
  said.setAttribute("role", "status")
  const list = el("ul", "rules")
  const root = el("div", "book", made, form, said, list)

  const input = (name, attributes = {}) => {
    const node = el(attributes.tag ?? "input")
    node.name = name
    for (const [key, value] of Object.entries(attributes)) if (key !== "tag") node.setAttribute(key, value)
    return node
  }
  const kind = el("select"), direction = el("select"), hours = el("select"), scope = el("select"), own = el("select")
  kind.name = "kind"; direction.name = "direction"; hours.name = "hours"; scope.name = "scope"; own.name = "list"
  const threshold = input("threshold", {inputmode: "decimal", autocomplete: "off", maxlength: "20"})
  const unit = el("span", "unit")
  const tickers = input("tickers", {tag: "textarea", rows: "3", spellcheck: "false", placeholder: "KXEXAMPLE-26DEC31-T50"})
  const view = input("view", {autocomplete: "off", maxlength: "2100", placeholder: "https://…/?page=markets&category=Sports"})
  const name = input("name", {autocomplete: "off", maxlength: "60", placeholder: "optional"})
  const label = (words, ...inputs) => {
    const said = el("label", "", words)
    said.htmlFor = inputs[0].id = `of-${inputs[0].name}`
    return el("div", "field", said, el("span", "inputs", ...inputs))
  }
  const parts = {
    kind: label("When", kind),
    direction: label("How", direction),
    threshold: label("Threshold", threshold, unit),
    hours: label("Within", hours),
    scope: label("Looks at", scope),
    tickers: label("Markets by ticker", tickers),
    list: label("One of your lists, as it is now", own),
    view: label("A link to the list of markets with its filters", view),
    name: label("Name", name),
  }
  parts.tickers.classList.add("wide"); parts.view.classList.add("wide")
  const go = el("button", "go", "Make the rule"), cancel = el("button", "", "Cancel")
  go.type = "submit"; cancel.type = "button"
  form.append(...Object.values(parts), el("div", "ends", go, cancel))

  let awaited = ""  // the list that a link names, until it is known
  const chosen = () => model.kinds.find(({key}) => key === kind.value) ?? model.kinds[0]
  const turned = () => {
    const of = chosen()
    if (!of) return
    direction.replaceChildren(...of.directions.map(([value, words]) => option(value, words)))
    hours.replaceChildren(...of.hours.map(h => option(String(h), h === 1 ? "1 hour" : `${h} hours`)))
    threshold.value = of.usual
    unit.textContent = of.unit
    parts.direction.hidden = of.directions.length < 2
    parts.hours.hidden = !of.hours.length
  }
  const scoped = () => {
    for (const part of ["tickers", "list", "view"]) parts[part].hidden = scope.value !== part
  }
  const offer = () => {
    const was = scope.value
    scope.replaceChildren(
      option("tickers", "these markets"), ...(model.lists.length ? [option("list", "a watchlist")] : []),
      option("view", "what a link lists"), option("all", "all open markets"))
    scope.value = [...scope.options].some(o => o.value === was) ? was : "tickers"
    const held = own.value
    own.replaceChildren(...model.lists.map(listed => option(listed, listed)))
    if (model.lists.includes(held)) own.value = held
    // The browser's lists may come later than the link that names one.
    if (awaited && model.lists.includes(awaited)) { scope.value = "list"; own.value = awaited; awaited = "" }
    scoped()
  }
  const kinds = () => { kind.replaceChildren(...model.kinds.map(({key, name}) => option(key, name))); turned() }
  const open = () => { form.hidden = false; made.hidden = true; kind.focus() }
  const close = () => {
    const inside = form.contains(form.getRootNode().activeElement)
    form.hidden = true
    made.hidden = !model.editing
    if (inside) made.focus()
  }
  kind.addEventListener("change", turned)
  scope.addEventListener("change", scoped)
  made.addEventListener("click", open)
  cancel.addEventListener("click", close)
  form.addEventListener("keydown", event => { if (event.key === "Escape") { event.stopPropagation(); close() } })
  form.addEventListener("submit", event => {
    event.preventDefault()
    const fields = {}
    for (const node of [kind, direction, threshold, hours, scope, tickers, own, view, name]) fields[node.name] = node.value
    model.send_msg({ask: "make", fields})
  })
  const answered = () => {
    const {words, problem, serial} = model.answer
    if (!serial) return
    said.textContent = words
    said.classList.toggle("problem", problem)
    if (!problem) { close(); tickers.value = view.value = name.value = "" }
  }
  const choose = (select, value) => { if ([...select.options].some(o => o.value === value)) select.value = value }
  const given = () => {
    const {tickers: some, view: query, list: named, kind: which, direction: way, hours: span} = model.given
    if (!Object.keys(model.given).length) return
    if (which) { choose(kind, which); turned(); choose(direction, way); choose(hours, span) }
    tickers.value = some ?? ""
    view.value = query ?? ""
    awaited = named ?? ""
    if (some || query) scope.value = some ? "tickers" : "view"
    offer()
    if (model.editing) open()
  }
  const button = (words, title, act) => {
    const b = el("button", "small", words)
    b.type = "button"; b.setAttribute("aria-label", title)
    b.addEventListener("click", act)
    return b
  }
  let asked = null  // the rule whose deletion waits for a second press
  const draw = () => {
    const focused = root.getRootNode().activeElement?.dataset?.id
    list.replaceChildren(...model.rules.map(([key, name, sentence, scoped, href, last, paused]) => {
      const where = el(href ? "a" : "span", "scope", scoped)
      if (href) where.setAttribute("href", href)
      const title = name ? `${name}: ${sentence}` : sentence
      const words = el("div", "words", el("span", "sentence", title), where)
      const item = el("li", paused ? "paused" : "", words, el("span", "last", paused ? `paused · ${last}` : last))
      if (model.editing) {
        const turn = paused ? "resume" : "pause"
        const pause = button(paused ? "Resume" : "Pause", `${paused ? "Resume" : "Pause"} ${title}`, () => model.send_msg({ask: turn, key}))
        const remove = button(asked === key ? "Really delete" : "Delete", `Delete ${title}`, () => {
          if (asked === key) { asked = null; model.send_msg({ask: "delete", key}) } else { asked = key; draw() }
        })
        if (asked === key) remove.classList.add("risky")
        pause.dataset.id = `pause-${key}`; remove.dataset.id = `delete-${key}`
        item.append(el("span", "acts", pause, remove))
      }
      return item
    }))
    if (focused) [...list.querySelectorAll("button")].find(b => b.dataset.id === focused)?.focus()
  }
  const edits = () => { made.hidden = !model.editing || !form.hidden; if (!model.editing) form.hidden = true; draw() }
  kinds(); offer(); edits(); given()
  model.on("kinds", kinds)
  model.on("lists", offer)
  model.on("rules", draw)
  model.on("editing", edits)
  model.on("answer", answered)
  model.on("given", given)
  return root
}
