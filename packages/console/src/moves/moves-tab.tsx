import type { ApplicationDetail, MoveRow } from '@flotilla/api'
import { ActionButton } from '../actions/action-button.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { EmptyState, Unreadable } from '../components/empty-state.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { Time } from '../components/time.tsx'
import { type Text, useText } from '../i18n/text.ts'
import { useParam } from '../place/use-param.ts'
import { useMoves } from '../query/use-moves.ts'
import { MoveDialogs } from './move-dialogs.tsx'
import { MoveFacts } from './move-facts.tsx'
import { MoveMark } from './move-mark.tsx'
import { movePlaces } from './move-places.ts'
import { MoveSteps } from './move-steps.tsx'
import { useMoveActions } from './use-move-actions.ts'
import '../styles/table.css'
import '../app/matrix.css'
import './moves.css'

/** Moves of an application to other places: the one that runs or ran last with its steps, and those before it. */
export function MovesTab({ detail: { project, name } }: { detail: ApplicationDetail }) {
  const text = useText()
  const { t } = text
  const [asked, choose] = useParam('move')
  const moves = useMoves(project, name)
  if (moves.isPending) return <SkeletonRows />
  if (moves.isError) {
    const right = { verb: 'list', resource: 'moves', scope: project }
    return <Unreadable error={moves.error} right={right} onRetry={() => void moves.refetch()} />
  }
  const { items, left } = moves.data
  const [newest] = items
  if (newest === undefined)
    return <EmptyState title={t.moves.nothingYet} hint={t.moves.nothingYetHint(`${project}/${name}`)} />
  const shown = items.find((move) => move.name === asked) ?? newest
  return (
    <div className="stack">
      <MovePanel move={shown} />
      {items.length > 1 && (
        <div className="panel">
          <DataTable
            label={t.moves.table}
            rows={items}
            columns={columns(text, (move) => choose(move.name))}
            keyOf={(move) => move.name}
            rowClass={(move) => (move === shown ? 'selected' : '')}
            onOpen={(move) => choose(move.name)}
          />
          {left > 0 && <div className="panel-empty">{t.moves.older(left)}</div>}
        </div>
      )}
    </div>
  )
}

function MovePanel({ move }: { move: MoveRow }) {
  const text = useText()
  const { t } = text
  const actions = useMoveActions(move)
  const [from, to] = [movePlaces(move, 'from', text), movePlaces(move, 'to', text)]
  const title = move.pairs.length === 0 ? move.name : move.ended ? t.moves.moved(from, to) : t.moves.moves(from, to)
  return (
    <section className="panel" aria-label={title}>
      <header className="wrap">
        <h2>{title}</h2>
        <MoveMark phase={move.phase} />
        <span className="push" />
        {!move.ended && actions.map((action) => <ActionButton key={action.id} action={action} small />)}
      </header>
      <div className="move-body">
        <MoveSteps move={move} />
        <MoveFacts move={move} />
      </div>
      <MoveDialogs move={move} />
    </section>
  )
}

const columns = (text: Text, open: (move: MoveRow) => void): Column<MoveRow>[] => {
  const { t, f } = text
  return [
    {
      id: 'move',
      title: t.moves.one,
      render: (move) => (
        <button type="button" className="plain accent" onClick={() => open(move)}>
          {move.pairs.length === 0
            ? move.name
            : t.moves.moved(movePlaces(move, 'from', text), movePlaces(move, 'to', text))}
        </button>
      ),
    },
    { id: 'phase', title: t.releases.phase, render: ({ phase }) => <MoveMark phase={phase} /> },
    {
      id: 'gap',
      title: t.moves.gap,
      render: ({ gap }) => (gap?.seconds === undefined ? '—' : f.duration(gap.seconds * 1000)),
    },
    { id: 'author', title: t.moves.author, render: ({ author }) => author },
    { id: 'started', title: t.moves.started, render: ({ createdAt }) => <Time at={createdAt} /> },
  ]
}
