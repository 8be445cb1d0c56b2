import { type Delivery, targetKey } from '@flotilla/model'
import type { Application, MoveStatus } from '@flotilla/model'
import { isSameWish, secondsBetween } from '../delivery/attempt.ts'
import { computePairs, type Pair } from './pairs.ts'
import { rolls } from './phase-steps.ts'
import { sayDelivery } from './sides.ts'
import type { MoveQuestion } from './types.ts'
import type { MoveStep } from './world.ts'

/** How long clusters may be looked for, after a start of the server say, before they count as out of reach. */
const patienceSeconds = 60

/** Whether a move can begin as the world is now; what would get stuck later is refused here. */
export function openMove(question: MoveQuestion, application: Application): MoveStep {
  const { object, observed } = question
  const { project, clusters, deliveries, rollouts } = observed
  const other = application.spec.move
  if (other !== undefined && other !== object.metadata.name)
    return refuse(`The move ${other} has the application in hand; let it end, or undo it`)
  if (application.spec.paused) return refuse('The application is paused; resume it first')
  for (const part of [project, clusters, deliveries, rollouts])
    if (!part.known) return { waitingFor: `the host: ${part.reason}` }
  if (!project.known || !clusters.known || !deliveries.known || !rollouts.known) return { waitingFor: 'the host' }
  if (project.value === undefined) return refuse('No project has its namespace')
  const found = computePairs({
    move: object.spec,
    application,
    project: project.value,
    clusters: clusters.value,
  })
  if ('refused' in found) return refuse(found.refused)
  const unreached = findUnreached(question, found.pairs)
  if (unreached !== undefined) return unreached
  const rolling = rolls(question)
  if (rolling !== undefined) return rolling
  const unsettled = found.pairs.flatMap(({ from }) => findUnsettled(deliveries.value, from) ?? [])[0]
  if (unsettled !== undefined) return { waitingFor: unsettled }
  const { placement, standby = [] } = application.spec
  const begun: Pick<MoveStatus, 'pairs' | 'before' | 'during' | 'after'> = {
    pairs: [...found.pairs],
    before: { placement, standby },
    during: found.during,
    after: found.after,
  }
  return { go: 'Preparing', news: begun }
}

const refuse = (message: string): MoveStep => ({ go: 'Refused', news: { message } })

/** A place that cannot be seen could not be drained, or started: it is not begun. */
function findUnreached({ object, observed, now }: MoveQuestion, pairs: readonly Pair[]): MoveStep | undefined {
  const { clusters, looks } = observed
  if (!clusters.known) return { waitingFor: `the host: ${clusters.reason}` }
  for (const place of pairs.flatMap(({ from, to }) => [from, to])) {
    const key = targetKey(place)
    const cluster = clusters.value.find(({ name }) => name === place.cluster)
    const look = looks.get(key)
    if (cluster?.connection === 'connected' && look?.known === true) continue
    const why = look?.known === false ? look.reason : `its cluster is ${cluster?.connection ?? 'not in the fleet'}`
    const begun = object.status?.since ?? object.metadata.creationTimestamp ?? now
    if (cluster?.connection === 'lost' || secondsBetween(begun, now) >= patienceSeconds)
      return refuse(`${key} cannot be reached (${why}), so nobody could say that nothing acts there`)
    return { waitingFor: `${key} to be seen: ${why}`, seconds: 2 }
  }
  return undefined
}

/** What is left is to be as it was wanted before: else nobody knows what the way back leads to. */
function findUnsettled(deliveries: readonly Delivery[], place: Pair['from']): string | undefined {
  const delivery = deliveries.find(({ spec }) => targetKey(spec.target) === targetKey(place))
  if (delivery === undefined) return `a delivery to ${targetKey(place)}`
  const { status } = delivery
  const settled = status?.attempt === undefined && status?.phase === 'Settled' && isSameWish(delivery, status.applied)
  return settled ? undefined : sayDelivery(delivery)
}
