// The websocket closed: say so, wait for the server, then show the same view anew from the address.
const LONGEST = 30

export function render({model, view}) {
  const what = document.createElement("b")
  const when = document.createElement("span")
  const said = document.createElement("span")
  said.append(what, " ", when)
  const now = document.createElement("button")
  now.type = "button"
  now.textContent = "Reload now"
  now.addEventListener("click", () => location.reload())
  const band = document.createElement("div")
  band.className = "ka-band ka-error"
  band.hidden = true
  band.append(said, now)
  // Announced once, when it appears; the seconds that run are not.
  const root = document.createElement("div")
  root.append(band)
  what.setAttribute("role", "alert")

  let lost = false, attempt = 0, timer = 0
  const count = seconds => {
    clearTimeout(timer)
    if (seconds <= 0) { ask(); return }
    when.textContent = `What you see stands still. Trying again in ${seconds} s; the same view comes back.`
    timer = setTimeout(() => count(seconds - 1), 1000)
  }
  const again = () => {
    // Spread, so that not every tab comes back in the same second.
    const most = Math.min(LONGEST, 2 ** ++attempt)
    count(Math.ceil(most * (0.5 + Math.random() / 2)))
  }
  const ask = async () => {
    clearTimeout(timer)
    when.textContent = "Trying now…"
    let back = false
    try { back = (await fetch(model.health, {cache: "no-store"})).status < 500 } catch { back = false }
    if (!lost) return
    if (back) location.reload()
    else again()
  }
  const gone = () => {
    if (lost) return
    lost = true
    attempt = 0
    band.hidden = false
    const time = new Date().toLocaleTimeString([], {hour: "2-digit", minute: "2-digit", hourCycle: "h23"})
    what.textContent = `Connection lost at ${time}.`
    again()
  }
  const returned = () => { lost = false; clearTimeout(timer); band.hidden = true; what.textContent = "" }
  const online = () => { if (lost) ask() }

  const document_ = view.model.document
  document_.on_event("connection_lost", gone)
  document_.on_event("client_reconnected", returned)
  addEventListener("online", online)
  model.on("remove", () => { clearTimeout(timer); removeEventListener("online", online) })
  return root
}
