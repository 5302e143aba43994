// A row of inputs: search, choices, segments, chips and a count. Says {key, value} to Python, shows what Python says.
const make = (tag, attributes = {}, ...children) => {
  const el = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) el.addEventListener(name.slice(2), value)
    else if (value !== undefined && value !== null && value !== false) el.setAttribute(name, value === true ? "" : value)
  }
  el.append(...children)
  return el
}

export function render({model}) {
  const bar = make("div", {class: "bar", role: "group", "aria-label": model.label})
  const controls = new Map()
  const say = (key, value) => model.send_msg({key, value})

  const search = field => {
    let timer
    const send = () => { clearTimeout(timer); say(field.key, input.value) }
    const input = make("input", {
      type: "search", class: "search", placeholder: field.placeholder ?? field.label, "aria-label": field.label,
      maxlength: 100, autocomplete: "off", spellcheck: "false",
      oninput: () => { clearTimeout(timer); timer = setTimeout(send, 160) },
      onkeydown: event => {
        if (event.key === "Enter") send()
        if (event.key === "Escape") { input.value = ""; send() }
      },
    })
    const focus = () => { if (input.offsetParent !== null) { input.focus(); input.select() } }
    addEventListener("ka-search", focus)
    model.on("remove", () => { removeEventListener("ka-search", focus); clearTimeout(timer) })
    const box = make("label", {class: "box"}, make("span", {class: "glass", "aria-hidden": "true"}), input,
      make("kbd", {title: "Press / to search"}, "/"))
    const root = () => bar.getRootNode()
    return {el: box, set: value => { if (root().activeElement !== input) input.value = value ?? "" }}
  }
  const choice = field => {
    const select = make("select", {"aria-label": field.label, onchange: () => say(field.key, select.value)})
    const fill = options => select.replaceChildren(...options.map(o => make("option", {value: o[0]}, o[1])))
    fill(field.options)
    return {
      el: make("label", {class: "choice " + (field.only ?? "")}, make("span", {}, field.label), select),
      set: value => {
        if (![...select.options].some(o => o.value === value)) select.append(make("option", {value}, value))
        select.value = value
        select.parentElement.classList.toggle("active", value !== field.options[0]?.[0] && !field.plain)
      },
      fill,
    }
  }
  const segment = field => {
    const buttons = field.options.map(([value, label, title]) =>
      make("button", {type: "button", "data-value": value, title, onclick: () => say(field.key, value)}, label))
    return {
      el: make("div", {class: "segment", role: "group", "aria-label": field.label}, ...buttons),
      set: value => buttons.forEach(b => b.setAttribute("aria-pressed", String(b.dataset.value === value))),
    }
  }
  const kinds = {search, choice, segment}
  const count = make("span", {class: "count", role: "status"})
  const build = () => {
    controls.clear()
    bar.replaceChildren()
    for (const field of model.fields) {
      if (field.kind === "space") { bar.append(make("span", {class: "space"})); continue }
      const control = kinds[field.kind](field)
      controls.set(field.key, control)
      bar.append(control.el)
    }
    bar.append(count)
  }
  const fill = () => {
    for (const [key, options] of Object.entries(model.options)) controls.get(key)?.fill?.(options)
    for (const [key, value] of Object.entries(model.values)) controls.get(key)?.set(value)
  }
  const counted = () => { count.textContent = model.count; count.hidden = !model.count }
  build(); fill(); counted()
  model.on("fields", () => { build(); fill() })
  model.on(["values", "options"], fill)
  model.on("count", counted)
  return bar
}
