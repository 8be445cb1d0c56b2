// Runs before the first paint, so that a dark console never flashes white. A file of its own: the content policy allows no inline script.
;(() => {
  let chosen = 'system'
  try {
    chosen = JSON.parse(localStorage.getItem('flotilla.preferences') ?? '{}').theme ?? 'system'
  } catch {}
  const dark = chosen === 'dark' || (chosen === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
})()
