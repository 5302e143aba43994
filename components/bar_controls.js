// The controls of the bar.
const el = (tag, attributes, ...children) => {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
  node.append(...children)
  return node
}

export function render({model}) {
  const zone = el("select", {"aria-label": "Time zone", title: "Time zone of every time on the screen"})
  const chosen = el("span", {class: "chosen"})
  const units = el("button", {type: "button", class: "units", "aria-haspopup": "dialog", "aria-expanded": "false"}, chosen)
  const menu = el("div", {class: "menu", popover: "auto", role: "dialog", "aria-label": "Units"})
  const turning = el("span", {class: "turning", "aria-hidden": "true"}, "↻")
  const left = el("span", {class: "left"})
  const refresh = el("button", {type: "button", class: "refresh"}, turning, left)
  const stand = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  stand.setAttribute("viewBox", "0 0 14 14")
  stand.setAttribute("aria-hidden", "true")
  const shape = stand.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "path"))
  const held = el("span", {class: "held"})
  const pause = el("button", {type: "button", class: "pause"}, stand, held)
  const help = el("button", {type: "button", class: "help", title: "Keyboard  ?", "aria-label": "Keyboard"}, "?")
  const root = el("div", {class: "bar", role: "group", "aria-label": "Units, pause, refresh and help"}, units, pause, refresh, help, menu)

  const zones = () => {
    zone.replaceChildren(...model.names.map(([value, label]) => el("option", {value}, label)))
    zone.value = model.zone
    say_units()
  }
  const say_units = () => {
    const place = (model.names.find(([value]) => value === model.zone) ?? ["", ""])[1].split(" · ").at(-1)
    const told = [...model.choices.map(([key, , choices]) => choices.find(([word]) => word === model[key])?.[1]), place]
    chosen.replaceChildren(
      el("b", {}, model.marks[model.unit]),
      ...(model.side === "no" ? [el("b", {class: "flipped"}, "NO")] : []),
      el("span", {class: "place"}, place))
    units.title = `Units: ${told.join(", ")}  u`
    units.setAttribute("aria-label", `Units: ${told.join(", ")}`)
    for (const input of menu.querySelectorAll("input")) input.checked = model[input.name] === input.value
  }
  const offer = () => {
    menu.replaceChildren(...model.choices.map(([key, label, choices]) =>
      el("fieldset", {"data-key": key}, el("legend", {}, label), el("div", {class: "options"}, ...choices.map(([word, said, about]) =>
        el("label", {title: about}, el("input", {type: "radio", name: key, value: word}), el("span", {}, said)))))),
      el("label", {class: "zone"}, el("span", {}, "Time zone"), zone))
    say_units()
  }
  menu.addEventListener("change", event => {
    if (event.target.type === "radio") model.send_msg({kind: "choose", name: event.target.name, word: event.target.value})
  })
  menu.addEventListener("toggle", event => {
    const open = event.newState === "open"
    units.setAttribute("aria-expanded", String(open))
    if (open) menu.querySelector("input:checked")?.focus()
  })
  // In the top layer the menu has no place of its own: it hangs under its button, inside the window.
  const unfold = () => {
    if (menu.matches(":popover-open")) return menu.hidePopover()
    menu.showPopover()
    const under = units.getBoundingClientRect(), width = menu.offsetWidth
    menu.style.top = `${under.bottom + 6}px`
    menu.style.left = `${Math.max(8, Math.min(under.right - width, document.documentElement.clientWidth - width - 8))}px`
  }
  units.addEventListener("click", unfold)
  zone.addEventListener("change", () => model.send_msg({kind: "choose", name: "zone", word: zone.value}))
  refresh.addEventListener("click", () => {
    if (refresh.getAttribute("aria-disabled") === "true") return
    model.send_msg({kind: "refresh"})
  })

  const say_paused = () => {
    const {paused, newer} = model
    const said = !paused ? "Pause: keep what is on the screen"
      : newer ? `Paused; ${newer.toLocaleString("en-US")} newer. Show the newest and go on` : "Paused; nothing is newer yet. Go on"
    pause.title = `${said}  p`
    pause.setAttribute("aria-label", said)
    pause.setAttribute("aria-pressed", String(paused))
    shape.setAttribute("d", paused ? "M4 2.5v9l7.5-4.5z" : "M4.5 2.5v9M9.5 2.5v9")
    held.replaceChildren(...paused ? [el("b", {}, "Paused"), ...newer ? [el("span", {}, ` · ${newer.toLocaleString("en-US")} newer`)] : []] : [])
  }
  const hold = () => model.send_msg({kind: "pause"})
  pause.addEventListener("click", hold)

  // aria-disabled rather than disabled: the button keeps the focus and can say why it waits.
  let until = 0, timer = 0
  const say = () => {
    clearTimeout(timer)
    const seconds = Math.max(0, Math.ceil((until - performance.now()) / 1000))
    const why = model.busy ? `Fetching the open markets: ${model.busy}`
      : model.reader ? "Another process fetches for this one"
      : seconds ? `Fetched a moment ago; possible again in ${seconds} s`
      : "Fetch the open markets now"
    refresh.title = why
    refresh.setAttribute("aria-label", why)
    refresh.setAttribute("aria-disabled", String(Boolean(model.busy || model.reader || seconds)))
    refresh.classList.toggle("busy", Boolean(model.busy))
    left.textContent = model.busy || model.reader || !seconds ? "" : `${seconds} s`
    if (seconds && !model.busy) timer = setTimeout(say, 1000)
  }
  const wait = () => { until = performance.now() + model.wait.seconds * 1000; say() }

  help.addEventListener("click", () => dispatchEvent(new CustomEvent("ka-do", {detail: "help"})))
  const act = event => {
    if (event.detail === "theme") model.send_msg({kind: "theme"})
    if (event.detail === "units") unfold()
    if (event.detail === "pause") hold()
  }
  addEventListener("ka-do", act)

  model.on("remove", () => { clearTimeout(timer); removeEventListener("ka-do", act) })
  model.on("names", zones)
  model.on("zone", () => { zone.value = model.zone; say_units() })
  model.on(["unit", "side", "times"], say_units)
  model.on("choices", offer)
  model.on(["paused", "newer"], say_paused)
  model.on(["busy", "reader"], say)
  model.on("wait", wait)
  offer(); zones(); say_paused(); wait()
  return root
}
