import type { MoveRow } from '@flotilla/api'
import type { ReactNode } from 'react'
import { Time } from '../components/time.tsx'
import { visibleText } from '../components/visible-text.ts'
import { useText } from '../i18n/text.ts'

type Asked = MoveRow['undo']

/** Who asked for what, and for how long nothing of the application acted. */
export function MoveFacts({ move }: { move: MoveRow }) {
  const { t } = useText()
  const { gap, undoGap, endedAt } = move
  const facts: [string, ReactNode][] = [
    [t.moves.author, move.author],
    [t.moves.started, <Time at={move.createdAt} />],
  ]
  if (endedAt !== undefined) facts.push([t.moves.ended, <Time at={endedAt} />])
  if (gap !== undefined) facts.push([t.moves.gap, <Gap gap={gap} />])
  if (undoGap !== undefined) facts.push([t.moves.undoGap, <Gap gap={undoGap} />])
  for (const [title, asked] of [
    [t.moves.confirmedBy, move.confirmedTraffic],
    [t.moves.undoneBy, move.undo],
    [t.moves.abortedBy, move.abort],
  ] as const satisfies readonly (readonly [string, Asked])[])
    if (asked !== undefined) facts.push([title, <By asked={asked} />])
  return (
    <dl className="kv" aria-label={t.moves.facts}>
      {facts.map(([title, value]) => (
        <div key={title} style={{ display: 'contents' }}>
          <dt>{title}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Gap({ gap }: { gap: NonNullable<MoveRow['gap']> }) {
  const { t, f } = useText()
  return (
    <span title={t.moves.gapHint}>
      {gap.seconds === undefined ? (
        <>
          {t.moves.gapSince} <Time at={gap.from} as="clock" />
        </>
      ) : (
        t.moves.gapOf(f.duration(gap.seconds * 1000))
      )}
    </span>
  )
}

function By({ asked }: { asked: NonNullable<Asked> }) {
  return (
    <>
      {asked.by} · <Time at={asked.at} />
      {asked.reason !== undefined && <div className="sub">{visibleText(asked.reason)}</div>}
    </>
  )
}
