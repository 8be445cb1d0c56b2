import 'virtual:tokens.css'
import './styles/base.css'
import './styles/status.css'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { RouterProvider } from 'react-router/dom'
import { LanguageProvider, type LoadedLanguage } from './i18n/language-provider.tsx'
import { loadLanguage } from './i18n/load-language.ts'
import { getPreferences, usePreferences, useThemeMode } from './preferences/use-preferences.ts'
import { queryClient } from './query/query-client.ts'
import { router } from './routes.tsx'

function App({ first }: { first: LoadedLanguage }) {
  const [loaded, setLoaded] = useState(first)
  const { language } = usePreferences()
  const mode = useThemeMode()
  // the document's own attributes are outside of what React draws
  useEffect(() => {
    document.documentElement.lang = language
    let wanted = true
    const load = async () => {
      const next = await loadLanguage(language)
      if (wanted) setLoaded(next)
    }
    void load()
    return () => {
      wanted = false
    }
  }, [language])
  useEffect(() => {
    document.documentElement.dataset['theme'] = mode
  }, [mode])
  return (
    <LanguageProvider loaded={loaded}>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </LanguageProvider>
  )
}

// a page's code that cannot be read: the network changed under it, or the server was updated; read everything anew, once
addEventListener('vite:preloadError', () => {
  const last = Number(sessionStorage.getItem('flotilla.reloaded') ?? 0)
  if (Date.now() - last < 10_000) return
  sessionStorage.setItem('flotilla.reloaded', String(Date.now()))
  location.reload()
})

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')
const first = await loadLanguage(getPreferences().language)
createRoot(root).render(
  <StrictMode>
    <App first={first} />
  </StrictMode>,
)
