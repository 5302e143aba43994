// A long job: choices, one button, a bar, and words. Says {kind: "start", values} or {kind: "stop"} to Python.
const make = (tag, attributes = {}, ...children) => {
  const el = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) el.setAttribute(name, value)
  el.append(...children)
  return el
}

export function render({model}) {
  const title = make("h2", {tabindex: "-1"}), about = make("p", {class: "about"})
  const form = make("form", {class: "fields"})
  const bar = make("progress", {max: "1"})
  const said = make("p", {class: "said", role: "status"})
  const problem = make("p", {class: "problem", role: "alert"})
  const button = make("button", {type: "submit"})
  const root = make("section", {class: "job"}, title, about, form, bar, said, problem)
  const inputs = new Map()

  const value = key => inputs.get(key)?.input.value ?? ""
  const reveal = () => {
    for (const {field, el} of inputs.values()) {
      el.hidden = Object.entries(field.only).some(([key, allowed]) => !allowed.includes(value(key)))
    }
  }
  const build = () => {
    inputs.clear()
    for (const field of model.fields) {
      const input = field.kind === "choice"
        ? make("select", {}, ...field.options.map(([v, label]) => make("option", {value: v}, label)))
        : make("input", {type: "number", min: "1", max: String(field.most), step: "1", required: ""})
      input.value = model.values[field.key] ?? ""
      input.addEventListener("change", reveal)
      const el = make("label", {class: field.kind}, make("span", {}, field.label), input)
      if (field.unit) el.append(make("i", {}, field.unit))
      inputs.set(field.key, {field, input, el})
    }
    form.replaceChildren(...[...inputs.values()].map(({el}) => el), button)
    reveal()
  }
  const show = () => {
    title.textContent = model.label
    root.setAttribute("aria-label", model.label)
    about.textContent = model.about
    for (const {input} of inputs.values()) input.disabled = model.running || Boolean(model.blocked)
    button.textContent = model.running ? "Stop" : model.verb
    button.classList.toggle("stop", model.running)
    button.disabled = Boolean(model.blocked)
    bar.hidden = model.share === null
    if (model.share !== null) bar.value = model.share
    bar.setAttribute("aria-label", model.label)
    said.textContent = model.blocked || model.said
    said.hidden = !said.textContent
    problem.textContent = model.problem
    problem.hidden = !model.problem
  }
  // Where it stands is known only when what is above it has come: it is followed for a moment, until the reader acts.
  // A reader who goes back returns to where he was instead.
  const FOLLOWED_MS = 1500
  let since = 0, place = Infinity
  const bring = () => {
    if (!since || !root.isConnected) return
    if (root.checkVisibility() && Math.abs(root.getBoundingClientRect().top - place) > 1) {
      root.scrollIntoView({block: "start"})
      place = root.getBoundingClientRect().top
    }
    if (performance.now() - since < FOLLOWED_MS) requestAnimationFrame(bring)
    else since = 0
  }
  const seek = () => {
    root.classList.toggle("sought", model.sought)
    const begun = since
    since = model.sought && !history.state?.scroll && root.checkVisibility() ? performance.now() : 0
    place = Infinity
    if (!since || begun) return
    requestAnimationFrame(() => requestAnimationFrame(() => { bring(); title.focus({preventScroll: true}) }))
  }
  const free = () => { since = 0 }
  const acts = ["wheel", "touchmove", "pointerdown", "keydown"]
  for (const act of acts) addEventListener(act, free, {passive: true})
  let tall = 0
  const sizes = new ResizeObserver(() => {
    if (!tall && root.offsetHeight) seek()  // a page that was hidden has no size until it comes on the screen
    tall = root.offsetHeight
  })
  sizes.observe(root)
  model.on("sought", seek)
  model.on("remove", () => { sizes.disconnect(); for (const act of acts) removeEventListener(act, free) })
  form.addEventListener("submit", event => {
    event.preventDefault()
    if (model.running) model.send_msg({kind: "stop"})
    else model.send_msg({kind: "start", values: Object.fromEntries([...inputs.keys()].map(key => [key, value(key)]))})
  })
  model.on("fields", () => { build(); show() })
  for (const name of ["label", "about", "running", "share", "said", "problem", "blocked", "verb"]) model.on(name, show)
  build()
  show()
  return root
}
