import { type ApplyOptions, type KubeClient, KubeError } from '@flotilla/kube'
import { asFlotillaError, fieldManager, type KubeObject, refKey, refOf, isRecord } from '@flotilla/model'
import {
  computeTakeover,
  isScaledByOther,
  type PreparedObject,
  stripFields,
  wasAutoscaled,
  withoutGoneAutoscaler,
} from '@flotilla/reconcile'
import type { Workbench } from './deps.ts'

interface Stripped {
  readonly object: KubeObject
  readonly scaled: boolean
}

interface Seen {
  readonly resourceVersion: string
  readonly stripped: Stripped
  readonly hash: string
}

/** Enough for what is in hand at one time; what is not remembered is read again. */
const mostRemembered = 5_000

/**
 * What of an object is ours to send. Only objects that others may have fields of are read for it: those with a number of
 * replicas, and those of components that leave something to other managers.
 */
export class FieldOwners {
  readonly #seen = new Map<string, Seen>()

  /** @param live resource version that the watch saw; undefined when the object is not there yet */
  async strip(bench: Workbench, prepared: PreparedObject, live: string | undefined): Promise<Stripped> {
    const whole: Stripped = { object: prepared.object, scaled: false }
    if (live === undefined || !mayBeShared(prepared)) return whole
    const key = `${bench.client.name}/${refKey(prepared.ref)}`
    const seen = this.#seen.get(key)
    if (seen?.resourceVersion === live && seen.hash === prepared.hash) return seen.stripped
    const object = await this.read(bench, prepared)
    if (object === undefined) return whole
    const stripped = stripFields(prepared, object)
    this.#seen.delete(key)
    // an autoscaler may go without a trace on the object
    if (stripped.scaled) return stripped
    this.#seen.set(key, { resourceVersion: object.metadata.resourceVersion ?? '', stripped, hash: prepared.hash })
    const [oldest] = this.#seen.keys()
    if (this.#seen.size > mostRemembered && oldest !== undefined) this.#seen.delete(oldest)
    return stripped
  }

  /** Reads the object with its managed fields, and tells the live state who sets its replicas. */
  async read(bench: Workbench, { ref, still }: Pick<PreparedObject, 'ref' | 'still'>): Promise<KubeObject | undefined> {
    bench.counters.add('reads')
    const found = await bench.client.find(ref, { signal: bench.signal })
    const object = found === undefined || !wasAutoscaled(found) ? found : await lookForAutoscaler(bench, found)
    // what stands still is scaled by nobody: a change of its replicas is seen
    const scaled = object !== undefined && still === undefined && isScaledByOther(object)
    if (object !== undefined) bench.deps.live.noteScaled(bench.client.name, ref, scaled)
    return object
  }
}

const autoscalerKind = { group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler' }

/** Where autoscalers cannot be listed, the mark on the object counts. */
async function lookForAutoscaler({ client, signal, counters }: Workbench, object: KubeObject): Promise<KubeObject> {
  counters.add('reads')
  try {
    const { items } = await client.list(autoscalerKind, { namespace: object.metadata.namespace, signal })
    return withoutGoneAutoscaler(object, items)
  } catch (thrown) {
    signal.throwIfAborted()
    if (asFlotillaError(thrown).code === 'kube.forbidden') return object
    throw thrown
  }
}

function mayBeShared({ object, leaveTo }: PreparedObject): boolean {
  return leaveTo.length > 0 || (isRecord(object['spec']) && object['spec']['replicas'] !== undefined)
}

/** Counts what helm and kubectl own of an object as ours, if it is still as it was read. */
export async function takeOverFields({ client, signal, counters }: Workbench, live: KubeObject): Promise<void> {
  const { managedFields = [], resourceVersion } = live.metadata
  const taken = computeTakeover(managedFields, live.apiVersion)
  if (taken === undefined) return
  counters.add('applies')
  const operations = [
    { op: 'replace' as const, path: '/metadata/managedFields', value: taken },
    { op: 'replace' as const, path: '/metadata/resourceVersion', value: resourceVersion },
  ]
  await client.patch(refOf(live), { type: 'json', operations }, { fieldManager, signal })
}

type SendOptions = Pick<ApplyOptions, 'dryRun' | 'signal' | 'onWarning'>

/** Sends an object to the API server, for good or to try it. */
export async function applyObject(client: KubeClient, object: KubeObject, options: SendOptions): Promise<KubeObject> {
  try {
    return await client.apply(object, { fieldManager, force: true, ...options })
  } catch (thrown) {
    if (!(thrown instanceof KubeError && hasOnlyDoubles(thrown.message))) throw thrown
    return writeWithDoubles(client, object, options)
  }
}

/** Server-side apply refuses a list that has a key twice, which charts do and a create lets through: it is written like one. */
async function writeWithDoubles(client: KubeClient, object: KubeObject, options: SendOptions): Promise<KubeObject> {
  const ref = refOf(object)
  const there = await client.find(ref, { signal: options.signal })
  if (there === undefined) return client.create(object, { fieldManager, ...options })
  return client.patch(ref, { type: 'merge', body: object }, { fieldManager, ...options })
}

/** Whether the API server has nothing against an object but that a list has keys twice. */
export function hasOnlyDoubles(message: string): boolean {
  const words = message.split('failed to create typed patch object', 2)[1]?.trim()
  if (words === undefined) return false
  const [first = '', ...others] = words.split('\n')
  // a long answer is cut off in its last line
  const faults = others.length === 0 ? [first] : others.filter((line) => !line.endsWith('…'))
  return faults.length > 0 && faults.every((line) => line.includes(': duplicate entries for key ['))
}
