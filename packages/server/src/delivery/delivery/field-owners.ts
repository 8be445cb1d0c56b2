import type { ApplyOptions, KubeClient } from '@flotilla/kube'
import { fieldManager, type KubeObject, refKey, refOf, isRecord } from '@flotilla/model'
import {
  computeLeftFields,
  computeTakeover,
  dropFields,
  isScaledByOther,
  type PreparedObject,
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
    this.#seen.set(key, { resourceVersion: object.metadata.resourceVersion ?? '', stripped, hash: prepared.hash })
    const [oldest] = this.#seen.keys()
    if (this.#seen.size > mostRemembered && oldest !== undefined) this.#seen.delete(oldest)
    return stripped
  }

  /** Reads the object with its managed fields, and tells the live state who sets its replicas. */
  async read(bench: Workbench, { ref }: Pick<PreparedObject, 'ref'>): Promise<KubeObject | undefined> {
    bench.counters.add('reads')
    const object = await bench.client.find(ref, { signal: bench.signal })
    if (object !== undefined) bench.deps.live.noteScaled(bench.client.name, ref, isScaledByOther(object))
    return object
  }
}

export function stripFields(prepared: PreparedObject, live: KubeObject): Stripped {
  const object = dropFields(prepared.object, computeLeftFields(live, prepared.leaveTo))
  return { object, scaled: isScaledByOther(live) }
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

/** Sends an object to the API server, for good or to try it. */
export function applyObject(
  client: KubeClient,
  object: KubeObject,
  options: Pick<ApplyOptions, 'dryRun' | 'signal' | 'onWarning'>,
) {
  return client.apply(object, { fieldManager, force: true, ...options })
}
