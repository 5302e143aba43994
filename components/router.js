// The browser owns the history; Python owns what is on the screen. Links are `?page=…`, relative to wherever we live.
export function render({model, view}) {
  // How often the reader went somewhere. An address that Python wrote before it heard of the last time is late.
  let moves = 0
  const tell = kind => model.send_msg({kind, search: location.search, moves: ++moves})
  const scroller = () => {
    for (const root of document.querySelectorAll("body > div")) {
      const found = (root.shadowRoot ?? root).querySelector(".main-content")
      if (found) return found
    }
    return document.scrollingElement
  }
  const keep_scroll = () =>
    history.replaceState({...history.state, scroll: scroller()?.scrollTop ?? 0}, "")

  const click = event => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    if (event.defaultPrevented) return
    const link = event.composedPath().find(el => el instanceof HTMLAnchorElement)
    const href = link?.getAttribute("href")
    if (!href || !href.startsWith("?") || link.target || link.hasAttribute("download")) return
    event.preventDefault()
    if (href === location.search) return
    keep_scroll()
    history.pushState({}, "", href)
    scroller()?.scrollTo(0, 0)
    tell("click")
  }
  const pop = () => tell("pop")
  addEventListener("popstate", pop)
  document.addEventListener("click", click)

  const one_year = 31536000
  const remember = (name, value) => {
    document.cookie = `${name}=${encodeURIComponent(value)}; max-age=${one_year}; samesite=lax; path=${location.pathname}`
  }
  const go = () => {
    const {search, replace, beside, serial, moves: heard} = model.target
    if (!serial || heard < moves) return
    const url = search || location.pathname
    if (search !== location.search) {
      if (!replace) keep_scroll()
      const state = replace ? history.state : beside ? {beside: location.search} : {}
      history[replace ? "replaceState" : "pushState"](state, "", url)
      if (!replace && !beside) scroller()?.scrollTo(0, 0)
    }
  }
  // Screen readers begin at the name of the page when it changes. A page's own heading would not do: it is drawn anew
  // with the data, and loses the focus.
  const heading = document.createElement("div")
  heading.tabIndex = -1
  heading.className = "ka-title"
  heading.style.cssText = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap"
  const entitle = () => {
    document.title = model.title
    heading.textContent = model.title.split(" · ")[0]
  }
  // Whoever is typing, or in an open dialog, is left alone.
  const busy = () => {
    let at = document.activeElement
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
    return Boolean(at?.closest?.("input, select, textarea, dialog[open]"))
  }
  const settle = () => {
    // A page that was hidden has no size until now; and going back returns to where the reader was.
    requestAnimationFrame(() => {
      dispatchEvent(new Event("resize"))
      const scroll = history.state?.scroll
      if (scroll) scroller()?.scrollTo(0, scroll)
      if (!busy()) heading.focus({preventScroll: true})
    })
  }
  const say = detail => dispatchEvent(new CustomEvent("ka-said", {detail}))
  const act = async event => {
    if (event.detail !== "copy-link") return
    try {
      await navigator.clipboard.writeText(location.href)
      say("The link is copied.")
    } catch { say("The browser did not let the link be copied; it stands in the address bar.") }
  }
  addEventListener("ka-do", act)
  model.on("target", go)
  model.on("title", entitle)
  model.on("shown", settle)
  const paint = () => { document.documentElement.dataset.kaTheme = model.dark ? "dark" : "light" }
  model.on("dark", () => { paint(); remember("ka_theme", model.dark ? "dark" : "light") })
  // The rail that the answer closes slides away for a while, unseen.
  model.on("started", () => { setTimeout(() => { delete document.documentElement.dataset.kaStarting }, 400) })
  model.on("remembered", () => {
    for (const [name, word] of Object.entries(model.remembered)) remember(name, word)
  })
  model.on("remove", () => {
    removeEventListener("popstate", pop)
    removeEventListener("ka-do", act)
    document.removeEventListener("click", click)
  })
  if (model.title) entitle()
  go()
  paint()
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? ""
  remember("ka_zone", zone)
  // Not before everything is drawn: what Python answers to a half-drawn page is lost (docs/adr/0091).
  let started = false
  const start = () => {
    if (started) return
    started = true
    model.send_msg({
      kind: "start",
      search: location.search,
      zone,
      dark: matchMedia("(prefers-color-scheme: dark)").matches,
      width: innerWidth,
    })
  }
  const narrow = matchMedia(`(width < ${model.phone_width}px)`)
  const turned = () => { if (started) model.send_msg({kind: "width", width: innerWidth}) }
  narrow.addEventListener("change", turned)
  model.on("remove", () => narrow.removeEventListener("change", turned))
  if (view.model.document.is_idle) start()
  else view.model.document.idle.connect(start)
  return heading
}
