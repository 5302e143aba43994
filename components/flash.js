// A changed value fades once, in the colour of where it went: "▲ +1.5", "−0.40", "12.3k", "40.0 → 45.0" (its last number).
const CALM = matchMedia("(prefers-reduced-motion: reduce)")
const worth = text => {
  const found = [...text.matchAll(/([+\-−]?)(\d[\d.,\s]*)([kMB]?)/gu)].at(-1)
  if (!found) return NaN
  const size = Number(found[2].replace(/[^\d.]/g, "")) * ({k: 1e3, M: 1e6, B: 1e9}[found[3]] ?? 1)
  return found[1] === "-" || found[1] === "−" ? -size : size
}
const flash = (node, before) => {
  // Blanks that keep points under each other come and go with the other rows of a page: no value changed.
  const [was, is] = [worth(before), worth(node.textContent)]
  if (CALM.matches || was === is || before.trim() === node.textContent.trim()) return
  const way = Math.sign(is - was)
  node.classList.remove("changed", "up", "down")
  void node.offsetWidth
  node.classList.add("changed", ...{"1": ["up"], "-1": ["down"]}[way] ?? [])
}
