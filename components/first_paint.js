(() => {
  // Until the server knows how wide the window is, no rail lies over it: see `Router.started`.
  document.documentElement.dataset.kaStarting = ""
  const said = name => document.cookie.split("; ").find(c => c.startsWith(`${name}=`))?.slice(name.length + 1)
  const want = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"
  const shown = document.documentElement.dataset.kaTheme === "dark" ? "dark" : "light"
  document.cookie = `ka_scheme=${want}; max-age=31536000; samesite=lax; path=${location.pathname}`
  if (said("ka_theme") || shown === want || said("ka_scheme") !== want) return
  try {
    // Once: a proxy that drops our cookies must not make the page reload for ever.
    if (sessionStorage.getItem("ka_scheme_asked") === want) return
    sessionStorage.setItem("ka_scheme_asked", want)
  } catch { return }
  location.reload()
})()
