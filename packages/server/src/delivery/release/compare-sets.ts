import type { ObjectChange } from '@flotilla/api'
import type { KubeObject, WantedSet } from '@flotilla/model'
import { diffObjects } from '@flotilla/reconcile'
import { describeChanges } from '../object-changes.ts'
import type { StoredSet, StoredSets } from '../rendered-set.ts'

export interface ChangeCounts {
  readonly added: number
  readonly changed: number
  readonly removed: number
}

/** Two states of one target. */
export interface SetPair {
  readonly cluster: string
  readonly namespace: string
  readonly before: WantedSet | undefined
  readonly after: WantedSet | undefined
}

type Digests = readonly [component: string, before: string | undefined, after: string | undefined]

const nothing: ChangeCounts = { added: 0, changed: 0, removed: 0 }

/**
 * Compares what targets have with what they get. Many have the same: each pair of sets is compared once. A set that is
 * no longer stored counts as nothing, and its component is named in `lost`.
 */
export class SetComparison {
  readonly #sets: StoredSets
  readonly #counts = new Map<string, ChangeCounts>()
  readonly #changes = new Map<string, readonly ObjectChange[]>()
  readonly lost = new Set<string>()

  constructor(sets: StoredSets) {
    this.#sets = sets
  }

  /** Objects that come, change and go, custom resource definitions and hooks among them. */
  async count(pair: Pick<SetPair, 'before' | 'after'>): Promise<ChangeCounts> {
    let sum = nothing
    for (const digests of pairsOf(pair)) {
      const key = JSON.stringify(digests)
      const counts = this.#counts.get(key) ?? (await this.#countOne(digests))
      this.#counts.set(key, counts)
      sum = {
        added: sum.added + counts.added,
        changed: sum.changed + counts.changed,
        removed: sum.removed + counts.removed,
      }
    }
    return sum
  }

  /** The same, told object by object as people read it. */
  async describe({ cluster, namespace, ...pair }: SetPair): Promise<ObjectChange[]> {
    const items: ObjectChange[] = []
    for (const digests of pairsOf(pair)) {
      // objects name their namespace, so that equal sets are of equal namespaces
      const key = JSON.stringify([namespace, digests])
      const changes = this.#changes.get(key) ?? (await this.#describeOne(digests, cluster, namespace))
      this.#changes.set(key, changes)
      items.push(...changes.map((change) => Object.assign({}, change, { cluster })))
    }
    return items
  }

  async #countOne(digests: Digests): Promise<ChangeCounts> {
    const [before, after] = await this.#load(digests)
    const counts = { added: 0, changed: 0, removed: 0 }
    for (const { change } of diffObjects(objectsOf(before), objectsOf(after))) counts[change]++
    return counts
  }

  async #describeOne(digests: Digests, cluster: string, namespace: string): Promise<readonly ObjectChange[]> {
    const [component] = digests
    const [before, after] = await this.#load(digests)
    const { items } = await describeChanges({
      cluster,
      namespace,
      component,
      before: objectsOf(before),
      after: objectsOf(after),
      redact: [...(before?.secrets ?? []), ...(after?.secrets ?? [])],
    })
    return items
  }

  async #load([component, ...digests]: Digests): Promise<(StoredSet | undefined)[]> {
    return Promise.all(
      digests.map(async (digest) => {
        const set = digest === undefined ? undefined : await this.#sets.get(digest)
        if (digest !== undefined && set === undefined) this.lost.add(component)
        return set
      }),
    )
  }
}

/** Components whose sets differ, in the order in which they are wanted, then those that go. */
function pairsOf({ before, after }: Pick<SetPair, 'before' | 'after'>): Digests[] {
  const old = new Map((before?.components ?? []).map(({ name, digest }) => [name, digest]))
  const fresh = new Map((after?.components ?? []).map(({ name, digest }) => [name, digest]))
  return [...new Set([...fresh.keys(), ...old.keys()])].flatMap((name): Digests[] =>
    old.get(name) === fresh.get(name) ? [] : [[name, old.get(name), fresh.get(name)]],
  )
}

const objectsOf = (set: StoredSet | undefined): KubeObject[] =>
  set === undefined ? [] : [...set.crds, ...set.objects, ...set.hooks.map(({ object }) => object)]
