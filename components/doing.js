// What can be done with what is shown, as a link (see doing.py). Put before the script of a component that has some.
const doing = ([outline, words, href, title]) => {
  const a = document.createElement("a")
  a.className = "ka-do"
  a.title = title
  if (href.startsWith("?")) a.setAttribute("href", href)
  const named = {viewBox: "0 0 24 24", width: 15, height: 15, "aria-hidden": "true", fill: "none", stroke: "currentColor",
    "stroke-width": 1.8, "stroke-linecap": "round", "stroke-linejoin": "round"}
  const make = (tag, attributes) => {
    const el = document.createElementNS("http://www.w3.org/2000/svg", tag)
    for (const [name, value] of Object.entries(attributes)) el.setAttribute(name, value)
    return el
  }
  const sign = make("svg", named)
  sign.append(make("path", {d: outline}))
  a.append(sign, words)
  return a
}
