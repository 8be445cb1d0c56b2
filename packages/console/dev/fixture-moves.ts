import type { MoveRow } from '@flotilla/api'
import type { Answers, FixtureCall } from './fixture-answers.ts'
import { ago } from './fixture-release-rows.ts'

const pairs = (from: string, to: string): MoveRow['pairs'] => [
  { from: { cluster: from, namespace: 'shop' }, to: { cluster: to, namespace: 'shop' } },
]

/** Made-up moves of one application: one that waits for somebody, one that somebody undid, one that got there. */
const mailerMoves = (): MoveRow[] => [
  {
    project: 'shop',
    name: 'mailer-3',
    application: 'mailer',
    author: 'dora',
    createdAt: ago(9),
    phase: 'AwaitingTraffic',
    ended: false,
    since: ago(4),
    waitingFor: 'somebody to confirm that requests go to east/shop (flotilla move confirm)',
    waitingSince: ago(4),
    pairs: pairs('west', 'east'),
    steps: [
      { phase: 'Preparing', at: ago(9) },
      { phase: 'SuspendingSource', at: ago(7) },
      { phase: 'Draining', at: ago(6.8) },
      { phase: 'StartingTarget', at: ago(5) },
      { phase: 'AwaitingTraffic', at: ago(4) },
    ],
    gap: { from: ago(5), until: ago(4.6), seconds: 24 },
  },
  {
    project: 'shop',
    name: 'mailer-2',
    application: 'mailer',
    author: 'dora',
    createdAt: ago(3000),
    phase: 'Undone',
    ended: true,
    message: 'Back in west/shop',
    pairs: pairs('west', 'hub'),
    steps: [
      { phase: 'Preparing', at: ago(3000) },
      { phase: 'SuspendingSource', at: ago(2998) },
      { phase: 'UndoStartingSource', at: ago(2997) },
      { phase: 'UndoRemovingTarget', at: ago(2996) },
      { phase: 'Undone', at: ago(2995) },
    ],
    undo: { by: 'omar', at: ago(2997), reason: 'the queue is slow from there' },
    endedAt: ago(2995),
  },
  {
    project: 'shop',
    name: 'mailer-1',
    application: 'mailer',
    author: 'dora',
    createdAt: ago(9000),
    phase: 'Succeeded',
    ended: true,
    message: 'Moved from edge-07/shop to west/shop; for 41 s nothing of it acted anywhere',
    pairs: pairs('edge-07', 'west'),
    steps: [
      { phase: 'Preparing', at: ago(9000) },
      { phase: 'Succeeded', at: ago(8990) },
    ],
    gap: { from: ago(8998), until: ago(8997), seconds: 41 },
    confirmedTraffic: { by: 'dora', at: ago(8992) },
    endedAt: ago(8990),
  },
]

/** What is done to a move is remembered as long as the fixture runs. */
export function moveAnswers(): Answers {
  const moves = mailerMoves()
  const find = (name: string | undefined): number => moves.findIndex((move) => move.name === name)
  const ask = (call: FixtureCall, more: Partial<MoveRow>): MoveRow => {
    const index = find(call.params['move'])
    const before = moves[index]
    if (before === undefined) throw new Error('the fixture has no such move')
    const phase = more.phase ?? before.phase
    const next = { ...before, ...more, steps: [...before.steps, { phase, at: ago(0) }], since: ago(0) }
    moves[index] = next
    return next
  }
  const asked = ({ body }: FixtureCall) => ({ by: 'ada', at: ago(0), ...Object.assign({}, body) })
  return {
    'moves.list': ({ query }) => ({
      items: moves.filter(({ application }) => application === query.get('application')),
      left: 0,
    }),
    'moves.confirmTraffic': (call) =>
      ask(call, { phase: 'RemovingSource', waitingFor: undefined, confirmedTraffic: asked(call) }),
    'moves.undo': (call) => ask(call, { phase: 'UndoStoppingTarget', waitingFor: undefined, undo: asked(call) }),
    'moves.abort': (call) => ask(call, { phase: 'Aborted', ended: true, abort: asked(call), endedAt: ago(0) }),
  }
}
