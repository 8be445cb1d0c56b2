import type { DifferenceAnswer } from '@flotilla/api'
import type { Identity, KubeClient } from '@flotilla/kube'
import { asFlotillaError, type Delivery, FlotillaError, type KubeObject, refKey, refText } from '@flotilla/model'
import { redactor } from '@flotilla/render'
import { type PreparedObject, prepareObjects, stripFields } from '@flotilla/reconcile'
import { describeChanges } from '../object-changes.ts'
import type { DeliveryControllerDeps } from './deps.ts'
import { applyObject } from './field-owners.ts'
import { atOnce, isTransport } from './dry-run-objects.ts'
import { inParallel } from './in-parallel.ts'

export interface DifferenceQuestion {
  readonly deliveries: readonly Delivery[]
  /** All when left out. */
  readonly components: readonly string[] | undefined
  readonly by: Identity
  readonly signal: AbortSignal
}

type DifferenceDeps = Pick<DeliveryControllerDeps, 'fleet' | 'sets' | 'digestKey'>

const mostItems = 500
/** A cluster that does not answer in this time is a failure; the others are shown. */
const patienceMs = 15_000

/**
 * What an apply of what is wanted would change in the clusters. Live objects are read as the person, the dry-run is made
 * as the delivery group: it is what would apply. A cluster that cannot be asked is a failure in the answer.
 */
export async function liveDifference(deps: DifferenceDeps, question: DifferenceQuestion): Promise<DifferenceAnswer> {
  const { deliveries, components, by, signal } = question
  const answer: DifferenceAnswer = { items: [], failures: [], unchanged: 0 }
  await inParallel(deliveries, atOnce, async (delivery) => {
    const { cluster } = delivery.spec.target
    const connection = deps.fleet.get(cluster)?.connection
    try {
      if (connection?.state === 'lost') throw new FlotillaError('cluster.unreachable', { message: connection.reason })
      const patience = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
      const wanted = (delivery.spec.desired?.components ?? []).filter(
        ({ name }) => components === undefined || components.includes(name),
      )
      for (const { digest } of wanted) await compareComponent(deps, { delivery, digest, by, signal: patience }, answer)
    } catch (thrown) {
      signal.throwIfAborted()
      const since = connection?.state === 'lost' ? { since: connection.since } : {}
      answer.failures.push({ cluster, reason: asFlotillaError(thrown).message, ...since })
    }
  })
  const items = answer.items.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1)).slice(0, mostItems)
  return { ...answer, items }
}

const sortKey = ({ cluster, component, ref }: DifferenceAnswer['items'][number]): string =>
  `${cluster} ${component} ${refKey(ref)}`

interface ComponentQuestion {
  readonly delivery: Delivery
  readonly digest: string
  readonly by: Identity
  readonly signal: AbortSignal
}

async function compareComponent(
  { fleet, sets, digestKey }: DifferenceDeps,
  { delivery, digest, by, signal }: ComponentQuestion,
  answer: DifferenceAnswer,
): Promise<void> {
  const { cluster, namespace } = delivery.spec.target
  const set = await sets.get(digest)
  if (set === undefined) throw new FlotillaError('request.not_found', { message: 'What is wanted is no longer stored' })
  const member = fleet.client(cluster)
  const applier = fleet.deliveryClient(cluster, delivery.spec.project.uid)
  if (!member.known) throw new FlotillaError('cluster.unreachable', { message: member.reason })
  if (!applier.known) throw new FlotillaError('cluster.unreachable', { message: applier.reason })
  const clients = { reader: member.value.as(by), applier: applier.value, signal }
  const pairs = await inParallel(prepareObjects(delivery, set, digestKey), atOnce, (prepared) =>
    pairOf(clients, prepared),
  )
  const before = pairs.flatMap((pair) => ('live' in pair && pair.live !== undefined ? [pair.live] : []))
  const after = pairs.flatMap((pair) => ('wanted' in pair ? [pair.wanted] : []))
  const redact = set.secrets
  const changes = await describeChanges({ cluster, namespace, component: set.component, before, after, redact })
  answer.items.push(...changes.items)
  answer.unchanged += changes.unchanged
  const failures = pairs.flatMap((pair) => ('failure' in pair ? [pair.failure] : []))
  const clean = redactor(set.secrets ?? [])
  for (const reason of tellFailures(set.component, failures, clean)) answer.failures.push({ cluster, reason })
}

const mostFailures = 20

/** The first ones as the cluster told them, without what must not be shown; of the others how many. */
export function tellFailures(
  component: string,
  failures: readonly string[],
  clean: (text: string) => string,
): readonly string[] {
  const shown = failures.slice(0, mostFailures).map(clean)
  const more = failures.length - shown.length
  return more === 0 ? shown : [...shown, `${more} more objects of ${component} could not be compared`]
}

type Pair = { readonly live: KubeObject | undefined; readonly wanted: KubeObject } | { readonly failure: string }

async function pairOf(
  { reader, applier, signal }: { reader: KubeClient; applier: KubeClient; signal: AbortSignal },
  prepared: PreparedObject,
): Promise<Pair> {
  try {
    const live = await reader.find(prepared.ref, { signal })
    if (live === undefined) return { live, wanted: prepared.object }
    const { object } = stripFields(prepared, live)
    return { live, wanted: await applyObject(applier, object, { dryRun: true, signal }) }
  } catch (thrown) {
    signal.throwIfAborted()
    const error = asFlotillaError(thrown)
    if (error.code === 'kube.kind_not_served') return { live: undefined, wanted: prepared.object }
    if (isTransport(error)) throw error
    return { failure: `${refText(prepared.ref)}: ${error.message}` }
  }
}
