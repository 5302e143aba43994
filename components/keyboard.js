// What a key does is said once, in the table `keys`; here it becomes a `ka-do` event, or is done where nobody owns it.
const el = (tag, attributes, ...children) => {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
  node.append(...children)
  return node
}
const everything = function* (root) {
  for (const node of root.querySelectorAll("*")) {
    yield node
    if (node.shadowRoot) yield* everything(node.shadowRoot)
  }
}
const visible = function* (selector) {
  for (const node of everything(document)) if (node.matches(selector) && node.checkVisibility()) yield node
}
const focused = () => {
  let at = document.activeElement
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
  return at
}
const ROWS = "tbody tr a[href], li a.row[href]"

export function render({model}) {
  const close = el("button", {type: "button", class: "close", "aria-label": "Close"}, "×")
  const list = el("dl", {})
  const dialog = el("dialog", {"aria-label": "Keyboard"}, el("header", {}, el("h2", {}, "Keyboard"), close), list)
  const fill = () => {
    const said = new Map()
    for (const [key, words] of model.keys) said.set(words, [...said.get(words) ?? [], key])
    list.replaceChildren(...[...said].flatMap(([words, keys]) => [
      el("dt", {}, ...keys.map(key => el("kbd", {}, key))), el("dd", {}, words),
    ]))
  }
  const help = () => { if (!dialog.open) dialog.showModal() }
  close.addEventListener("click", () => dialog.close())
  dialog.addEventListener("click", event => { if (event.target === dialog) dialog.close() })

  const step = by => {
    const rows = [...visible(ROWS)]
    const at = rows.indexOf(focused())
    const to = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by]
    to?.focus()
  }
  const ours = {
    help,
    next: () => step(1),
    previous: () => step(-1),
    export: () => {
      // A list has its file beside its filters; any other page is asked for its first table.
      const file = visible("[data-export=csv]").next().value
      if (file) file.click(); else dispatchEvent(new CustomEvent("ka-export"))
    },
  }
  const act = event => ours[event.detail]?.()
  addEventListener("ka-do", act)

  // What was done without a trace on the screen is said for a moment.
  const toast = el("div", {class: "toast", role: "status", popover: "manual"})
  let timer = 0
  const hush = () => { if (toast.matches(":popover-open")) toast.hidePopover() }
  const say = event => {
    clearTimeout(timer)
    toast.textContent = String(event.detail)
    if (!toast.matches(":popover-open")) toast.showPopover()
    timer = setTimeout(hush, 3500)
  }
  addEventListener("ka-said", say)

  const pressed = event => model.keys.find(([key]) => {
    const plain = key.replace(/^Ctrl /, "")
    return key === plain ? event.key === key && !event.ctrlKey && !event.metaKey
      : event.key.toLowerCase() === plain.toLowerCase() && (event.ctrlKey || event.metaKey) && !event.shiftKey
  })
  const typing = at => at instanceof Element && (at.isContentEditable || at.closest("input:not([type=checkbox], [type=radio]), select, textarea"))
  const inDialog = event => event.composedPath().some(node => node instanceof HTMLDialogElement && node.open)
  const key = event => {
    if (event.key === "Escape" && !event.defaultPrevented && !inDialog(event)) {
      // The rail over the page hears Escape only while the focus is in it, and a click beside a link takes it out.
      visible(".MuiDrawer-modal > .MuiBackdrop-root").next().value?.click()
    }
    const at = event.composedPath()[0]
    const [, , action] = pressed(event) ?? []
    // Ctrl-K is no text, so it works in a field too; a dialog that is open has the keys to itself.
    const free = event.ctrlKey || event.metaKey || !typing(at)
    if (!action || event.defaultPrevented || event.altKey || !free) return
    if (inDialog(event)) return
    event.preventDefault()
    dispatchEvent(Object.assign(new CustomEvent("ka-do", {detail: action}), {path: event.composedPath()}))
  }
  document.addEventListener("keydown", key)

  const skip = el("a", {href: "#", class: "ka-skip"}, "Skip to the content")
  skip.addEventListener("click", event => {
    event.preventDefault()
    const target = visible(".main-content").next().value
    if (!target) return
    target.tabIndex = -1
    target.style.outline = "none"
    target.focus()
  })
  document.body.prepend(skip)

  model.on("keys", fill)
  model.on("remove", () => {
    document.removeEventListener("keydown", key)
    removeEventListener("ka-do", act)
    removeEventListener("ka-said", say)
    clearTimeout(timer)
    skip.remove()
  })
  fill()
  return el("div", {}, dialog, toast)
}
