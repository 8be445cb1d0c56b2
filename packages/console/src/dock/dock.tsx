import { type KeyboardEvent, lazy, type PointerEvent, Suspense } from 'react'
import { useText } from '../i18n/text.ts'
import type { Dictionary } from '../i18n/en.ts'
import { type DockTab, closeTab, setDockHeight, showTab, useDock } from './dock-store.ts'
import { LogView } from './log-view.tsx'
import './dock.css'

/** Brings the terminal along, which nobody needs who opens none. */
const TerminalView = lazy(async () => ({ default: (await import('../terminal/terminal-view.tsx')).TerminalView }))

/** What a tab is called: its component (or application), where, and which run; of several shells in a pod, which one. */
function tabName({ id, logs, shell }: DockTab, t: Dictionary): string {
  if (shell !== undefined) {
    const count = /:(\d+)$/.exec(id)?.[1]
    return t.terminal.tab([shell.pod, shell.cluster, ...(count === undefined ? [] : [count])].join(' · '))
  }
  const what = logs.pod ?? logs.component ?? logs.application ?? ''
  const where = logs.clusters.length === 1 ? logs.clusters[0] : t.logs.clusters(logs.clusters.length)
  const parts = [what, ...(logs.clusters.length === 0 ? [] : [where]), ...(logs.previous ? [t.logs.previous] : [])]
  return t.logs.tab(parts.join(' · '))
}

const tabId = (index: number): string => `dock-tab-${index}`

/** The dock stays while one moves through the pages. */
export function Dock() {
  const { t } = useText()
  const { tabs, active, height } = useDock()
  const shown = tabs.find((tab) => tab.id === active)
  if (tabs.length === 0) return null
  return (
    <section className="dock" style={{ height }} aria-label={t.logs.dock}>
      <Grip height={height} />
      <div className="bar">
        {/* between the tabs are buttons that close them, which a tab list may not hold */}
        <span role="tablist" aria-label={t.logs.dock} aria-owns={tabs.map((_, index) => tabId(index)).join(' ')} />
        <div className="dock-tabs">
          {tabs.map((tab, index) => (
            <span key={tab.id} className={tab === shown ? 'dock-tab on' : 'dock-tab'}>
              <button
                type="button"
                role="tab"
                id={tabId(index)}
                className="plain"
                aria-selected={tab === shown}
                onClick={() => showTab(tab.id)}
              >
                {tabName(tab, t)}
              </button>
              <button
                type="button"
                className="plain dock-close"
                aria-label={t.logs.closeTab(tabName(tab, t))}
                onClick={() => closeTab(tab.id)}
              >
                ×
              </button>
            </span>
          ))}
        </div>
      </div>
      {shown?.logs !== undefined && <LogView key={shown.id} tab={shown} />}
      <Suspense>{shown?.shell !== undefined && <TerminalView key={shown.id} tab={shown} />}</Suspense>
    </section>
  )
}

/** The upper edge: drag it, or move it with the arrow keys. */
function Grip({ height }: { height: number }) {
  const { t } = useText()
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (event.buttons === 1) setDockHeight(window.innerHeight - event.clientY)
  }
  const press = (event: KeyboardEvent) => {
    if (event.key === 'ArrowUp') setDockHeight(height + 24)
    else if (event.key === 'ArrowDown') setDockHeight(height - 24)
    else return
    event.preventDefault()
  }
  return (
    <div
      className="dock-grip"
      role="separator"
      tabIndex={0}
      aria-orientation="horizontal"
      aria-label={t.logs.resize}
      aria-valuenow={height}
      aria-valuemin={120}
      aria-valuemax={640}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onKeyDown={press}
    />
  )
}
