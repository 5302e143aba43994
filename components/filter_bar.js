// A row of inputs, a panel with more of them, chips of what filters, and a count.
// Says {key, value} to Python ({kind: "suggest" | "remove", …} too), shows what Python says.
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
  const say = (key, value, kind = "change") => model.send_msg({kind, key, value})
  const timers = new Set()
  // `late(ms)` gives a function that runs `act` when nothing came for that long, and one that runs it now.
  const late = (act, ms) => {
    let timer
    const stop = () => { clearTimeout(timer); timers.delete(timer) }
    return {soon: () => { stop(); timer = setTimeout(act, ms); timers.add(timer) }, now: () => { stop(); act() }, stop}
  }
  const focused = input => bar.getRootNode().activeElement === input

  // A control is {el, set(value by key), on(): how many chips it makes, fill?(options by key), refuse?(problems by key)}.
  const search = field => {
    const send = late(() => say(field.key, input.value), 160)
    const input = make("input", {
      type: "search", class: "search", placeholder: field.placeholder ?? field.label, "aria-label": field.label,
      maxlength: 100, autocomplete: "off", spellcheck: "false",
      oninput: send.soon,
      onkeydown: event => {
        if (event.key === "Enter") send.now()
        if (event.key === "Escape") { input.value = ""; send.now() }
      },
    })
    const box = make("label", {class: "box"}, make("span", {class: "glass", "aria-hidden": "true"}), input)
    return {el: box, input, set: values => { if (!focused(input)) input.value = values[field.key] ?? "" }}
  }
  const choice = field => {
    const select = make("select", {"aria-label": field.label, onchange: () => say(field.key, select.value)})
    const fill = options => select.replaceChildren(...options.map(o => make("option", {value: o[0]}, o[1])))
    const on = () => select.value !== field.options[0]?.[0] && !field.plain
    fill(field.options)
    return {
      el: make("label", {class: "choice " + (field.only ?? "")}, make("span", {}, field.label), select),
      set: values => {
        const value = values[field.key] ?? ""
        if (![...select.options].some(o => o.value === value)) select.append(make("option", {value}, value))
        select.value = value
        select.parentElement.classList.toggle("active", on())
      },
      on,
      fill: options => { const value = select.value; if (options[field.key]) fill(options[field.key]); select.value = value },
    }
  }
  const buttons = (field, pressed, press) => {
    const all = field.options.map(([value, label, title]) =>
      make("button", {type: "button", "data-value": value, title, onclick: () => press(value)}, label))
    const row = make("div", {class: "segment", role: "group", "aria-label": field.label}, ...all)
    const mark = value => all.forEach(b => b.setAttribute("aria-pressed", String(pressed(value, b.dataset.value))))
    return {row, mark}
  }
  const segment = field => {
    const {row, mark} = buttons(field, (value, own) => value === own, value => say(field.key, value))
    const framed = field.place === "view" || field.place === "more"
    return {
      el: framed ? make("div", {class: "framed"}, make("span", {}, field.label), row) : row,
      set: values => mark(values[field.key]),
    }
  }
  const several = field => {
    let held = []
    const {row, mark} = buttons(field, (value, own) => value.includes(own), value => {
      held = held.includes(value) ? held.filter(v => v !== value) : [...held, value]
      say(field.key, field.options.map(o => o[0]).filter(v => held.includes(v)).join(","))
    })
    return {
      el: make("div", {class: "framed wide"}, make("span", {}, field.label), row),
      set: values => { held = (values[field.key] ?? "").split(",").filter(v => v); mark(held) },
      on: () => held.join(",") !== (field.neutral ?? ""),
    }
  }
  const bounds = field => {
    const words = {"≥": ["at least", "min"], "≤": ["at most", "max"]}
    const inputs = field.ends.map(([key, sign]) => {
      const send = late(() => say(key, input.value.replace(/[\s_]/g, "")), 300)
      const input = make("input", {
        type: "text", inputmode: "decimal", maxlength: 16, autocomplete: "off", spellcheck: "false", class: "number",
        placeholder: words[sign][1], "aria-label": `${field.label} ${words[sign][0]}`,
        oninput: send.soon,
        onkeydown: event => { if (event.key === "Enter") send.now() },
        onchange: send.now,
      })
      return [key, input]
    })
    const el = make("div", {class: "bounds", role: "group", "aria-label": field.label, title: field.title},
      make("span", {}, field.label), ...inputs.flatMap(([, input], i) => i ? [make("i", {}, "–"), input] : [input]))
    if (field.unit) el.append(make("span", {class: "unit"}, field.unit))
    return {
      el,
      set: values => {
        for (const [key, input] of inputs) if (!focused(input)) input.value = values[key] ?? ""
        el.classList.toggle("active", inputs.some(([key]) => values[key]))
      },
      on: () => inputs.filter(([key]) => model.values[key]).length,
      refuse: problems => {
        for (const [key, input] of inputs) {
          if (problems[key]) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid")
          input.title = problems[key] ?? ""
        }
      },
    }
  }
  const days = field => {
    const inputs = field.ends.map(([key, end]) => {
      const input = make("input", {
        type: "date", class: "day", "aria-label": `${field.label}: ${end}`, min: "2000-01-01", max: "2199-12-31",
        // A day that is half typed has no value; an emptied one is said.
        onchange: () => { if (input.value || !input.validity.badInput) say(key, input.value) },
      })
      return [key, input]
    })
    const el = make("div", {class: "bounds", role: "group", "aria-label": field.label, title: field.title},
      make("span", {}, field.label), ...inputs.flatMap(([, input], i) => i ? [make("i", {}, "–"), input] : [input]))
    return {
      el,
      set: values => {
        for (const [key, input] of inputs) if (!focused(input) || !input.validity.badInput) {
          if (input.value !== (values[key] ?? "")) input.value = values[key] ?? ""
        }
        el.classList.toggle("active", inputs.some(([key]) => values[key]))
      },
      on: () => inputs.filter(([key]) => model.values[key]).length,
    }
  }
  const suggest = field => {
    let held = ""
    const list = make("datalist", {id: `offers-${field.key}`})
    const ask = late(() => say(field.key, input.value.trim(), "suggest"), 200)
    const take = () => {
      ask.stop()
      const value = input.value.trim()
      input.value = ""
      if (value) say(field.key, value)
    }
    const input = make("input", {
      type: "text", class: "typed", list: list.id, placeholder: field.placeholder, "aria-label": field.label,
      maxlength: 128, autocomplete: "off", spellcheck: "false",
      // A choice from the list arrives as a replacement, or (older browsers) as no kind of typing at all.
      oninput: event => event.inputType && event.inputType !== "insertReplacementText" ? ask.soon() : take(),
      onkeydown: event => { if (event.key === "Enter") { event.preventDefault(); take() } },
    })
    return {
      el: make("label", {class: "bounds"}, make("span", {}, field.label), input, list),
      set: values => { held = values[field.key] ?? "" },
      on: () => held.split(",").filter(v => v).length,
      fill: options =>
        list.replaceChildren(...(options[field.key] ?? []).map(o => make("option", {value: o[0], label: o[1]}))),
      refuse: problems => {
        if (problems[field.key]) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid")
        input.title = problems[field.key] ?? ""
      },
    }
  }
  const picker = field => {
    let held = []
    const list = make("div", {class: "ticks", popover: "auto", role: "dialog", "aria-label": field.label})
    const boxes = () => [...list.querySelectorAll("input")]
    // Closed it is empty: its labels are those of filters too.
    list.addEventListener("toggle", event => { if (event.newState === "closed") list.replaceChildren() })
    const unfold = () => {
      if (list.matches(":popover-open")) return list.hidePopover()
      list.replaceChildren(...field.options.map(([value, label]) => {
        const input = make("input", {type: "checkbox", value, onchange: () =>
          say(field.key, boxes().filter(box => box.checked).map(box => box.value).join(","))})
        return make("label", {}, input, make("span", {}, label))
      }))
      tick()
      list.showPopover()
      const under = opener.getBoundingClientRect()
      list.style.left = `${Math.max(8, Math.min(under.right - list.offsetWidth, document.documentElement.clientWidth - list.offsetWidth - 8))}px`
      list.style.top = `${Math.max(8, Math.min(under.bottom + 6, innerHeight - list.offsetHeight - 8))}px`
      boxes()[0]?.focus()
    }
    const opener = make("button", {type: "button", class: "more pick", "aria-haspopup": "dialog", onclick: unfold}, field.label)
    const tick = () => { for (const box of boxes()) box.checked = held.includes(box.value) }
    return {
      el: make("div", {class: "anchor"}, opener, list),
      set: values => {
        held = (values[field.key] ?? "").split(",")
        tick()
        opener.classList.toggle("active", values.columns === "")
      },
    }
  }
  const downloads = field => {
    const links = field.options.map(([address, label, title]) => [address, make("a", {target: "_blank", title, "data-export": label.toLowerCase()}, label)])
    let query = ""
    // Addresses stand beside the page's own, which may be written with or without its last slash; where the dashboard
    // is elsewhere it is asked for when a link is about to be used.
    const folder = location.pathname.match(/[^/]*$/)[0]
    const aim = () => {
      const asked = {home: folder ? `${folder}/` : ""}
      root.dispatchEvent(new CustomEvent("ka-home", {bubbles: true, composed: true, detail: asked}))
      for (const [address, a] of links) a.setAttribute("href", `${asked.home}${address}${query}`)
    }
    for (const [, a] of links) for (const kind of ["pointerenter", "focus", "click"]) a.addEventListener(kind, aim)
    return {
      el: make("div", {class: "downloads"}, make("span", {}, field.label), ...links.map(([, a]) => a),
        ...(field.info ? [make("button", {
          type: "button", class: "ka-info", "data-about": field.info, "aria-haspopup": "dialog",
          "aria-label": "About this list: source, age, SQL, files", title: "Source, age, SQL, files",
        }, "i")] : [])),
      set: values => { query = values[field.key] ?? ""; aim() },
    }
  }
  const done = field => {
    const a = doing(field.said)
    return {el: a, set: values => {
      const href = values[field.key] ?? ""
      a.hidden = !href.startsWith("?")
      if (a.hidden) a.removeAttribute("href"); else a.setAttribute("href", href)
    }}
  }
  const kinds = {search, choice, segment, several, bounds, days, suggest, picker, downloads, done}

  const bar = make("div", {class: "bar", role: "group", "aria-label": model.label})
  const count = make("span", {class: "count", role: "status"})
  const chips = make("div", {class: "chips", role: "group", "aria-label": model.chip === "filter" ? "Active filters" : `Chosen: ${model.chip}`})
  const view = make("div", {class: "view"})
  const line = make("div", {class: "line"}, chips, view)
  const inside = make("div", {class: "inside"})
  const fewer = make("button", {type: "button", class: "quiet", onclick: () => say("", "", "remove")}, "Clear all")
  const shut = make("button", {type: "button", class: "done", onclick: () => toggle(false)})
  const panel = make("div", {class: "panel", role: "dialog", "aria-label": "More filters", hidden: true, tabindex: "-1"},
    inside, make("div", {class: "ends"}, fewer, shut))
  const veil = make("div", {class: "veil", hidden: true, onclick: () => toggle(false)})
  const badge = make("b", {class: "number-of"})
  const more = make("button", {type: "button", class: "more", "aria-expanded": "false", "aria-haspopup": "dialog",
    onclick: () => toggle(panel.hidden)}, make("span", {}, "More filters"), badge)
  const anchor = make("div", {class: "anchor"}, more, veil, panel)
  const presets = make("nav", {class: "presets", "aria-label": "Ready-made views"})
  const root = make("div", {class: "filters"}, presets, bar, line)
  const ready = () => presets.replaceChildren(...model.presets.map(([name, href, title, on]) =>
    make("a", {href: href.startsWith("?") ? href : null, title, "aria-current": on ? "true" : null}, name)))

  // The panel hangs under its button, and ends where the bar does: the button may stand at either end of it.
  const within = () => {
    for (const name of ["left", "right", "max-width"]) panel.style.removeProperty(name)
    if (phone.matches) return
    const all = root.getBoundingClientRect(), own = anchor.getBoundingClientRect()
    panel.style.right = "auto"
    panel.style.maxWidth = `${all.width}px`
    panel.style.left = `${Math.max(all.left, Math.min(own.right, all.right) - panel.offsetWidth) - own.left}px`
  }
  const toggle = (open, refocus = true) => {
    if (open === !panel.hidden) return
    panel.hidden = veil.hidden = !open
    if (open) within()
    more.setAttribute("aria-expanded", String(open))
    // On a phone the first input would bring up a keyboard, or a ring around nothing chosen.
    if (open) (phone.matches ? panel : inside.querySelector("input, select, button"))?.focus()
    else if (refocus) more.focus()
  }
  anchor.addEventListener("keydown", event => {
    if (event.key !== "Escape" || panel.hidden) return
    event.stopPropagation()
    toggle(false)
  })
  const away = event => { if (!panel.hidden && !event.composedPath().includes(anchor)) toggle(false, false) }
  addEventListener("pointerdown", away, true)

  let controls = []
  const phone = matchMedia("(max-width: 640px)")
  const place = () => {
    const of = where => controls.filter(c => c.field.place === where)
    const first = controls.filter(c => !["more", "view"].includes(c.field.place))
    // On a phone only the search, and what is for phones alone, stay outside the sheet.
    const sheet = phone.matches && of("more").length > 0
    const stays = c => !sheet || c.field.kind === "search" || c.field.only === "narrow"
    bar.replaceChildren(...first.filter(stays).map(c => c.el))
    inside.replaceChildren(...[...first.filter(c => !stays(c)), ...of("more"), ...(sheet ? of("view") : [])].map(c => c.el))
    view.replaceChildren(...(sheet ? [] : of("view").map(c => c.el)))
    if (inside.childElementCount) bar.append(anchor)
    more.firstChild.textContent = sheet ? "Filters" : "More filters"
    bar.append(count)
    marked()
  }
  const build = () => {
    controls = model.fields.map(field =>
      ({...(field.kind === "space" ? {el: make("span", {class: "space"}), set() {}} : kinds[field.kind](field)), field}))
    place()
  }
  const marked = () => {
    const hidden = controls.reduce((sum, c) => sum + (inside.contains(c.el) ? Number(c.on?.() ?? 0) : 0), 0)
    badge.textContent = hidden || ""
    badge.hidden = !hidden
    more.classList.toggle("active", hidden > 0)
  }
  const set = () => {
    for (const control of controls) control.set(model.values)
    marked()
  }
  const fill = () => {
    for (const control of controls) control.fill?.(model.options)
    set()
  }
  const refuse = () => { for (const control of controls) control.refuse?.(model.problems) }
  const counted = () => {
    count.textContent = model.count
    count.hidden = !model.count
    shut.textContent = phone.matches && model.count ? `Show ${model.count}` : "Close"
  }
  const remove = (identity, at) => {
    say(identity, "", "remove")
    // The focus goes to the chip that takes this one's place, so that several can go one after the other.
    goal = at
  }
  let goal = -1
  const chipped = () => {
    const had = goal >= 0 && chips.contains(chips.getRootNode().activeElement)
    const all = model.chips.map(([identity, words], at) => make("button", {
      type: "button", class: "chip", "aria-label": `Remove ${model.chip}: ${words}`,
      title: identity in model.full ? `${model.full[identity]}: remove` : `Remove this ${model.chip}`,
      onclick: () => remove(identity, at),
      onkeydown: event => { if (event.key === "Delete" || event.key === "Backspace") { event.preventDefault(); remove(identity, at) } },
    }, make("span", {}, words), make("i", {"aria-hidden": "true"}, "×")))
    if (all.length > 1) all.push(make("button", {type: "button", class: "quiet", onclick: () => remove("", 0)}, "Clear all"))
    chips.replaceChildren(...all)
    if (model.note) chips.append(make("span", {class: "remark"}, model.note))
    fewer.disabled = !model.chips.length
    if (had) (all[Math.min(goal, model.chips.length - 1)] ?? bar.querySelector("input"))?.focus()
    goal = -1
    line.hidden = !chips.childElementCount && !view.childElementCount
  }
  const turned = () => { toggle(false, false); within(); place(); counted(); chipped() }
  phone.addEventListener("change", turned)
  build(); fill(); refuse(); counted(); chipped(); ready()
  model.on("presets", ready)
  model.on("fields", () => { build(); fill(); chipped() })
  model.on("values", set)
  model.on("options", fill)
  model.on("problems", refuse)
  model.on(["chips", "full", "note"], chipped)
  model.on("count", counted)
  model.on("remove", () => {
    timers.forEach(clearTimeout)
    removeEventListener("pointerdown", away, true)
    phone.removeEventListener("change", turned)
  })
  return root
}
