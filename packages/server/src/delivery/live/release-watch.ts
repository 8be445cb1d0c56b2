import { createWatch, type Clock, type KubeClient, type Watch } from '@flotilla/kube'
import { type Known, type KubeObject, known, unknown } from '@flotilla/model'
import type { ReleaseSight } from '@flotilla/reconcile'

/** On a record's Secret: the uid of the Delivery that wrote it. Plain helm's own records, and those it rewrites, have none. */
export const writtenByAnnotation = 'flotilla.dev/release-by'

interface SeenRecord {
  readonly namespace: string
  readonly release: string
  readonly revision: number
  readonly status: string
  readonly writtenBy: string | undefined
}

/** Release records are large, and only their labels are kept: few per page keep the peak low. */
const pageSize = 50

/** The records of Helm releases in one cluster, by what their labels say. */
export class ReleaseWatch {
  readonly #watch: Watch<SeenRecord | undefined>
  /** `namespace/release` -> revision -> record */
  readonly #records = new Map<string, Map<number, SeenRecord>>()

  constructor(options: {
    client: KubeClient
    clock: Clock
    onChange: (namespace: string) => void
    onState: () => void
  }) {
    this.#watch = createWatch({
      client: options.client,
      kind: { group: '', version: 'v1', kind: 'Secret' },
      labelSelector: 'owner=helm',
      clock: options.clock,
      pageSize,
      project: readRecord,
      onEvent: (change) => {
        const gone =
          change.type === 'deleted' ? change.object : change.type === 'modified' ? change.previous : undefined
        if (gone !== undefined) this.#records.get(keyOf(gone))?.delete(gone.revision)
        const seen = change.type === 'deleted' ? undefined : change.object
        if (seen !== undefined) {
          const records = this.#records.get(keyOf(seen)) ?? new Map<number, SeenRecord>()
          this.#records.set(keyOf(seen), records.set(seen.revision, seen))
        }
        const namespace = (seen ?? gone)?.namespace
        if (namespace !== undefined) options.onChange(namespace)
      },
      onState: options.onState,
    })
  }

  /** Newest record of every release in a namespace. */
  releases(namespace: string): Known<ReadonlyMap<string, ReleaseSight>> {
    const { state } = this.#watch
    if (state.state !== 'synced')
      return unknown(`Helm records: ${'reason' in state ? (state.reason ?? '') : 'not read yet'}`)
    const found = new Map<string, ReleaseSight>()
    for (const [key, records] of this.#records) {
      if (!key.startsWith(`${namespace}/`) || records.size === 0) continue
      const newest = [...records.values()].reduce((a, b) => (a.revision > b.revision ? a : b))
      const { release, revision, status, writtenBy } = newest
      const deployed = [...records.values()].filter((record) => record.status === 'deployed').length
      found.set(release, { revision, status, writtenBy, deployed })
    }
    return known(found)
  }

  close(): void {
    this.#watch.close()
  }
}

const keyOf = ({ namespace, release }: SeenRecord): string => `${namespace}/${release}`

/** What Helm's Secrets driver writes into labels: owner, name, version, status. */
export function readRecord({ metadata, type }: KubeObject): SeenRecord | undefined {
  const { name: release, version, status } = metadata.labels ?? {}
  if (type !== 'helm.sh/release.v1' || release === undefined || !/^\d{1,9}$/.test(version ?? '')) return undefined
  return {
    namespace: metadata.namespace ?? '',
    release,
    revision: Number(version),
    status: status ?? 'unknown',
    writtenBy: metadata.annotations?.[writtenByAnnotation],
  }
}
