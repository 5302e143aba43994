// A view inside somebody else's page: its links lead to the whole dashboard in a new tab, not to that page.
export function render({model}) {
  const mark = document.createElement("span")
  mark.hidden = true
  const ours = () => {
    let at = mark
    while (at.getRootNode() instanceof ShadowRoot) at = at.getRootNode().host
    return at
  }
  const lead = event => {
    if (event.button > 1) return
    const path = event.composedPath()
    if (!path.includes(ours())) return
    const row = path.find(el => el instanceof HTMLTableRowElement)  // a whole row is a link
    const link = path.find(el => el instanceof HTMLAnchorElement) ?? row?.querySelector("a[href]")
    const href = link?.getAttribute("href")
    if (!href?.startsWith("?")) return
    event.preventDefault()
    event.stopImmediatePropagation()
    open(new URL(href, new URL(model.home, location.href)), "_blank", "noopener")
  }
  document.addEventListener("click", lead, true)
  document.addEventListener("auxclick", lead, true)
  model.on("remove", () => {
    document.removeEventListener("click", lead, true)
    document.removeEventListener("auxclick", lead, true)
  })
  model.send_msg({kind: "start", zone: Intl.DateTimeFormat().resolvedOptions().timeZone ?? ""})
  return mark
}
