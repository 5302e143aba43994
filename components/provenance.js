// Where things come from: one dialog for every "i" of the page. Everything is set as text.
const el = (tag, cls, ...children) => {
  const node = document.createElement(tag)
  if (cls) node.className = cls
  node.append(...children)
  return node
}

export function render({model}) {
  const box = el("dialog", "about")
  const toast = el("div", "toast")
  toast.setAttribute("role", "status")
  const root = el("div", "", box, toast)
  const phone = matchMedia("(max-width: 640px)")
  let opener = null
  let wanted = ""

  const ours = () => {
    let at = root
    while (at.getRootNode() instanceof ShadowRoot) at = at.getRootNode().host
    return at
  }
  // Files lie beside the page, whose address may be written with or without its last slash.
  const home = () => {
    if (model.home) return new URL(model.home, location.href)
    const folder = location.pathname.match(/[^/]*$/)[0]
    return new URL(folder ? `${folder}/` : "./", location.href)
  }

  const copy = async text => {
    try {
      await navigator.clipboard.writeText(text)
      return true
    } catch { /* not over plain http, or not allowed: the old way */ }
    const area = el("textarea", "hidden")
    area.value = text
    ;(box.open ? box : root).append(area)
    area.select()
    let done = false
    try { done = document.execCommand("copy") } catch { /* then not */ }
    area.remove()
    return done
  }
  let toasting
  const say = text => {
    toast.textContent = text
    toast.classList.add("shown")
    clearTimeout(toasting)
    toasting = setTimeout(() => { toast.classList.remove("shown"); toast.textContent = "" }, 2500)
  }
  // A chart asks for a link of the page, for a frame of one panel of it, or for a file beside it.
  const framed = (link, panel, title) => {
    const address = new URL(link, home())
    address.searchParams.set("embed", "1")
    if (panel) address.searchParams.set("panel", panel)
    if (document.documentElement.dataset.kaTheme === "dark") address.searchParams.set("theme", "dark")
    const frame = el("iframe")
    frame.setAttribute("src", address.href)
    frame.setAttribute("title", title)
    frame.setAttribute("style", "border: 0; width: 100%; height: 560px")
    return new XMLSerializer().serializeToString(frame).replace(' xmlns="http://www.w3.org/1999/xhtml"', "")
  }
  const on_copy = async event => {
    if (!event.composedPath().includes(ours())) return
    const {link, frame, panel, title, said} = event.detail
    const text = frame ? framed(frame, panel, title) : new URL(link, home()).href
    say(await copy(text) ? said : "The browser does not let it be copied")
  }
  const take = address => {
    const a = el("a")
    a.href = new URL(address, home())
    a.target = "_blank"  // a refusal is a page of its own, and must not take this one's place
    a.rel = "noopener"
    a.click()
  }
  const on_file = event => { if (event.composedPath().includes(ours())) take(event.detail.address) }
  // Where the view stands in somebody else's page, links to files ask here where the dashboard is.
  const on_home = event => { if (model.home && event.composedPath().includes(ours())) event.detail.home = home().href }
  const on_export = () => model.send_msg({kind: "export"})
  const hand = () => {
    const {address, title} = model.file
    say(address ? `${title}, as CSV` : "There is no table to export here.")
    if (address) take(address)
  }

  const copier = (label, text) => {
    const button = el("button", "copy", label)
    button.type = "button"
    button.addEventListener("click", async () => {
      button.textContent = await copy(text) ? "Copied" : "Not allowed"
      button.focus()
      setTimeout(() => { button.textContent = label }, 1600)
    })
    return button
  }
  const source = (name, label, text) => {
    if (!text) return []
    const pre = el("pre", "", text)
    pre.tabIndex = 0
    pre.setAttribute("aria-label", name)
    const details = el("details", "", el("summary", "", name), pre)
    return [el("div", "source", details, copier(label, text))]
  }
  const fill = () => {
    const said = model.content
    if (said.key !== wanted) return
    const shut = el("button", "shut", "✕")
    shut.type = "button"
    shut.setAttribute("aria-label", "Close")
    shut.addEventListener("click", () => box.close())
    const title = el("h2", "", said.title)
    title.id = "title"
    const facts = el("dl", "", ...said.facts.map(([label, value, more]) =>
      el("div", "", el("dt", "", label), el("dd", "", value, ...(more ? [el("span", "", more)] : [])))))
    const links = said.files.map(([label, address]) => {
      const a = el("a", "", label)
      a.href = new URL(address, home())
      a.target = "_blank"
      a.rel = "noopener"
      return a
    })
    if (said.method) {
      const a = el("a", "", "How it is calculated")
      a.setAttribute("href", said.method)
      a.addEventListener("click", () => box.close())
      links.unshift(a)
    }
    box.replaceChildren(
      el("header", "", title, shut), facts,
      ...(said.notes.length ? [el("ul", "", ...said.notes.map(note => el("li", "", note)))] : []),
      ...source("SQL", "Copy SQL", said.sql),
      ...source("Notebook", "Copy as code", said.code),
      ...(links.length ? [el("footer", "", ...links)] : []),
    )
    box.setAttribute("aria-labelledby", "title")
    box.setAttribute("aria-busy", "false")
    place()
    shut.focus({preventScroll: true})
  }
  const place = () => {
    if (!box.open) return
    if (phone.matches || !opener) { box.style.cssText = ""; return }
    const at = opener.getBoundingClientRect(), gap = 8
    const width = Math.min(540, innerWidth - 2 * gap)
    const left = Math.max(gap, Math.min(at.left - 16, innerWidth - width - gap))
    box.style.cssText = `width:${width}px;left:${left}px;max-height:${innerHeight - 2 * gap}px`
    const below = innerHeight - at.bottom - 2 * gap
    const top = box.offsetHeight <= below ? at.bottom + gap : Math.max(gap, innerHeight - box.offsetHeight - gap)
    box.style.top = `${top}px`
  }
  const open = button => {
    opener = button.closest("[data-back]")?.querySelector("button") ?? button
    wanted = button.dataset.about
    box.replaceChildren(el("p", "wait", "…"))
    box.setAttribute("aria-busy", "true")
    opener.setAttribute("aria-expanded", "true")
    box.showModal()
    place()
    model.send_msg({kind: "about", key: wanted})
  }
  const press = event => {
    const path = event.composedPath()
    const button = path.find(at => at instanceof HTMLElement && at.dataset.about)
    if (!button || !path.includes(ours())) return
    event.preventDefault()
    event.stopPropagation()
    open(button)
  }
  box.addEventListener("click", event => { if (event.target === box) box.close() })  // beside it
  box.addEventListener("toggle", place, true)
  box.addEventListener("keydown", event => event.stopPropagation())  // the page's keys are not meant
  box.addEventListener("close", () => {
    wanted = ""
    opener?.setAttribute("aria-expanded", "false")
    opener?.focus({preventScroll: true})
  })
  document.addEventListener("click", press, true)
  addEventListener("ka-copy", on_copy)
  addEventListener("ka-file", on_file)
  addEventListener("ka-home", on_home)
  addEventListener("ka-export", on_export)
  addEventListener("resize", place)
  model.on("content", fill)
  model.on("file", hand)
  model.on("remove", () => {
    clearTimeout(toasting)
    document.removeEventListener("click", press, true)
    removeEventListener("ka-copy", on_copy)
    removeEventListener("ka-file", on_file)
    removeEventListener("ka-home", on_home)
    removeEventListener("ka-export", on_export)
    removeEventListener("resize", place)
  })
  return root
}
