import { memo, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { Button } from 'antd'
import { Problem } from '../components/problem.tsx'
import { visibleText } from '../components/visible-text.ts'
import { useText } from '../i18n/text.ts'
import { usePreferences } from '../preferences/use-preferences.ts'
import type { DockTab, LogsOf } from './dock-store.ts'
import type { LogChunk } from './log-buffer.ts'
import type { LogState } from './read-logs.ts'
import { useLogStream } from './use-log-stream.ts'

/** Nearer to the end than this counts as being at the end. */
const nearEnd = 24

type Pause = 'none' | 'selection' | 'scroll'

/** Log lines that follow; they stand still while text is marked or one has scrolled up. */
export function LogView({ tab }: { tab: DockTab & { readonly logs: LogsOf } }) {
  const { t } = useText()
  const { zone } = usePreferences()
  const scroller = useRef<HTMLDivElement>(null)
  const [pause, setPause] = useState<Pause>('none')
  const { buffer, state } = useLogStream(tab, pause === 'selection')

  // a new line moves the end after it was laid out
  useLayoutEffect(() => {
    const element = scroller.current
    if (pause === 'none' && element !== null) element.scrollTop = element.scrollHeight
  }, [buffer, pause])

  // the selection belongs to the document
  useEffect(() => {
    const look = () => {
      const selection = getSelection()
      const inside =
        selection !== null && !selection.isCollapsed && scroller.current?.contains(selection.anchorNode) === true
      setPause((before) => (inside ? 'selection' : before === 'selection' ? 'none' : before))
    }
    document.addEventListener('selectionchange', look)
    return () => document.removeEventListener('selectionchange', look)
  }, [])

  const scrolled = () => {
    const element = scroller.current
    if (element === null || pause === 'selection') return
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < nearEnd
    setPause(atEnd ? 'none' : 'scroll')
  }
  const follow = () => {
    getSelection()?.removeAllRanges()
    setPause('none')
  }
  return (
    <>
      <div className="log-state" role="status">
        <span>
          {stateText(state, pause, t)} · {zone === 'utc' ? t.shell.utc : t.shell.local}
        </span>
        {buffer.held.length > 0 && <span> · {t.logs.waiting(buffer.held.length)}</span>}
        {pause !== 'none' && (
          <Button size="small" onClick={follow}>
            {t.logs.follow}
          </Button>
        )}
      </div>
      <div
        className="log-scroll"
        ref={scroller}
        onScroll={scrolled}
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={t.logs.dock}
      >
        {state.state === 'refused' && <Problem error={state.error} />}
        {buffer.trimmed > 0 && <div className="log-note">{t.logs.trimmed(buffer.trimmed)}</div>}
        {buffer.count === 0 && state.state !== 'refused' && <div className="log-note">{t.logs.none}</div>}
        {buffer.chunks.map((chunk) => (
          <Lines key={chunk.id} chunk={chunk} clusterWidth={buffer.clusterWidth} podWidth={buffer.podWidth} />
        ))}
      </div>
    </>
  )
}

function stateText(state: LogState, pause: Pause, t: ReturnType<typeof useText>['t']): string {
  if (state.state === 'ended') return t.logs.ended(state.reason)
  if (state.state === 'broken') return t.logs.cut
  if (pause === 'selection') return t.logs.pausedBySelection
  if (pause === 'scroll') return t.logs.pausedByScroll
  return state.state === 'connecting' ? t.logs.connecting : t.logs.following
}

/** Where a line says of itself that something is wrong. */
const wrong = /\b(error|fatal|panic|exception|traceback|critical)\b|\blevel=(error|fatal)\b/i

const Lines = memo(function Lines(props: { chunk: LogChunk; clusterWidth: number; podWidth: number }) {
  const { f } = useText()
  const { chunk, clusterWidth, podWidth } = props
  return (
    <pre className="log-chunk">
      {chunk.lines.map((line) => (
        <div key={line.id} className={line.kind === 'note' ? 'log-line note-line' : 'log-line'}>
          <i>
            {(line.at === undefined ? '' : f.clock(line.at)).padEnd(13)}
            {line.cluster.padEnd(clusterWidth + 1)}
            {(line.pod.length > podWidth ? `…${line.pod.slice(1 - podWidth)}` : line.pod).padEnd(podWidth + 2)}
          </i>
          {wrong.test(line.text) ? <em>{visibleText(line.text)}</em> : visibleText(line.text)}
        </div>
      ))}
    </pre>
  )
})
