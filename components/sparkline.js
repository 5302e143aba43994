// A line through whole numbers, null being a gap, stretched to its own range; a line that never moves lies in the middle.
const sparkline = (points, label, WIDTH = 96, HEIGHT = 22) => {
  const make = (tag, attributes) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag)
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
    return node
  }
  const known = points.filter(Number.isFinite)
  const least = Math.min(...known)
  const range = Math.max(...known) - least
  const x = i => (1 + (WIDTH - 4) * i / Math.max(1, points.length - 1)).toFixed(1)
  const y = value => (range ? HEIGHT - 3 - (HEIGHT - 6) * (value - least) / range : HEIGHT / 2).toFixed(1)
  let path = ""
  points.forEach((value, i) => {
    if (Number.isFinite(value)) path += `${Number.isFinite(points[i - 1]) ? "L" : "M"}${x(i)} ${y(value)}`
  })
  const svg = make("svg", {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, role: "img", "aria-label": label})
  const way = Math.sign(known.at(-1) - known[0])
  svg.classList.add("spark", {"1": "up", "-1": "down"}[way] ?? "level")
  svg.append(make("path", {d: path}))
  const last = points.findLastIndex(Number.isFinite)
  if (last >= 0) svg.append(make("circle", {cx: x(last), cy: y(points[last]), r: 1.8}))
  return svg
}

