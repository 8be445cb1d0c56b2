import { Suspense, lazy, useState } from 'react'
import { Navigate, Outlet, useLocation } from 'react-router'
import { FlotillaError } from '@flotilla/model/errors'
import { Unreadable } from '../components/empty-state.tsx'
import { useDock } from '../dock/dock-store.ts'
import { useText } from '../i18n/text.ts'
import { focusFilter } from '../keyboard/focus-filter.ts'
import { useKeys } from '../keyboard/use-keys.ts'
import { usePageTopic } from '../live/page-topic.ts'
import { computeTopics } from '../live/topics.ts'
import { useLiveStream } from '../live/use-live-stream.ts'
import { NoticeCorner } from '../notices/notice-corner.tsx'
import { useSession } from '../query/use-session.ts'
import { LiveMark } from './live-mark.tsx'
import { closePalette, usePaletteOpen } from './palette-open.ts'
import { SideNav } from './side-nav.tsx'
import { usePaletteKey } from './use-palette-key.ts'
import '../styles/shell.css'

const Palette = lazy(async () => ({ default: (await import('../palette/palette.tsx')).Palette }))
const KeyHelp = lazy(async () => ({ default: (await import('../keyboard/key-help.tsx')).KeyHelp }))
const Dock = lazy(async () => ({ default: (await import('../dock/dock.tsx')).Dock }))

/** Whoever is not signed in is led to signing in, and back. */
export function Shell() {
  const session = useSession()
  const { pathname, search } = useLocation()
  const nobody = session.error instanceof FlotillaError && session.error.code === 'auth.required'
  if (nobody) return <Navigate to={`/sign-in?next=${encodeURIComponent(pathname + search)}`} replace />
  if (session.data?.mustChangePassword === true)
    return <Navigate to={`/password?next=${encodeURIComponent(pathname + search)}`} replace />
  if (session.data !== undefined) return <SignedIn />
  if (session.isError) {
    const right = { verb: 'get', resource: 'session', scope: 'flotilla' }
    return <Unreadable error={session.error} right={right} onRetry={() => void session.refetch()} />
  }
  return null
}

function SignedIn() {
  const { t } = useText()
  const [help, setHelp] = useState(false)
  const paletteOpen = usePaletteOpen()
  const dockOpen = useDock().tabs.length > 0
  const pageTopic = usePageTopic()
  const topics = computeTopics(useLocation().pathname)
  const live = useLiveStream(pageTopic === undefined ? topics : [...topics, pageTopic])
  usePaletteKey()
  useKeys({ '/': focusFilter, '?': () => setHelp(true) })
  return (
    <div className="shell">
      <a className="skip" href="#content">
        {t.shell.skip}
      </a>
      <SideNav />
      <div className="stage">
        <Suspense fallback={<div className="page-loading" />}>
          <Outlet />
        </Suspense>
        <Suspense>{dockOpen && <Dock />}</Suspense>
      </div>
      <LiveMark state={live} />
      <NoticeCorner />
      <Suspense>
        {paletteOpen && <Palette onClose={closePalette} />}
        {help && <KeyHelp onClose={() => setHelp(false)} />}
      </Suspense>
    </div>
  )
}
