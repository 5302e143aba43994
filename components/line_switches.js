// One button a line. Buttons are kept and changed, so that the focus stays where it is.
export function render({model}) {
  const root = document.createElement("div")
  root.className = "lines"
  root.setAttribute("role", "group")
  const known = new Map()
  const make = key => {
    const button = document.createElement("button")
    button.type = "button"
    button.append(...["i", "span", "b"].map(tag => document.createElement(tag)))
    button.addEventListener("click", () => model.send_msg({toggle: key}))
    known.set(key, button)
    return button
  }
  const draw = () => {
    root.setAttribute("aria-label", model.label)
    const order = model.lines.map(([key, rank, name, value, shown, full]) => {
      const button = known.get(key) ?? make(key)
      const [mark, label, newest] = button.children
      mark.style.setProperty("--colour", `var(--ka-series-${Number(rank)})`)
      label.textContent = name
      newest.textContent = value
      button.title = `${full}: ${shown ? "hide" : "show"}`
      button.setAttribute("aria-pressed", String(shown))
      return button
    })
    const keys = new Set(model.lines.map(([key]) => key))
    for (const key of known.keys()) if (!keys.has(key)) known.delete(key)
    if (order.length !== root.children.length || order.some((button, i) => button !== root.children[i])) {
      const focused = root.getRootNode().activeElement
      root.replaceChildren(...order)
      if (focused && root.contains(focused)) focused.focus({preventScroll: true})
    }
  }
  draw()
  model.on(["lines", "label"], draw)
  return root
}
