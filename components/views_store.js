// Saved views live in the browser: a name and the link it stands for, in the order the visitor gave them.
const VIEWS = "kalshi-analytics.views"
const MOST_VIEWS = 60
const heldViews = () => {
  let held = []
  try { held = JSON.parse(localStorage.getItem(VIEWS) ?? "[]") } catch { return [] }
  if (!Array.isArray(held)) return []
  return held.filter(v => typeof v?.name === "string" && v.name && typeof v.search === "string" && v.search.startsWith("?"))
    .map(({name, search}) => ({name: name.slice(0, 60), search: search.slice(0, 2048)})).slice(0, MOST_VIEWS)
}
const keepViews = views => {
  try { localStorage.setItem(VIEWS, JSON.stringify(views.slice(0, MOST_VIEWS))) } catch { return false }
  dispatchEvent(new Event("ka-views"))
  return true
}
