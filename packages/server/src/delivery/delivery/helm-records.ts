import { failpoint } from '@flotilla/engine'
import { KubeError } from '@flotilla/kube'
import { asFlotillaError, FlotillaError, fieldManager, isRecord, type KubeObject } from '@flotilla/model'
import type { EffectResult, HelmRecordWish } from '@flotilla/reconcile'
import type { JsonObject } from '@flotilla/render'
import type { StoredSet } from '../rendered-set.ts'
import { readRecord, writtenByAnnotation } from '../live/release-watch.ts'
import { withClientSideApply } from './client-side-apply.ts'
import type { Workbench } from './deps.ts'
import { isTransport } from './dry-run-objects.ts'

/** Helm's own default of `--history-max`. */
const mostRecords = 10

export const recordKey = (namespace: string, release: string, revision: number) => ({
  group: '',
  version: 'v1',
  kind: 'Secret',
  namespace,
  name: `sh.helm.release.v1.${release}.v${revision}`,
})

interface RecordName {
  readonly name: string
  readonly revision: number
  readonly status: string
  readonly writtenBy: string | undefined
}

/**
 * Writes the record of a revision as Helm's storage has it, then says of the one before that it is superseded. A record
 * that is too large or not allowed is refused, which harms nothing but plain helm's view.
 */
export async function writeHelmRecord(
  bench: Workbench,
  wish: HelmRecordWish,
  set: StoredSet | undefined,
): Promise<EffectResult> {
  const { signal, delivery } = bench
  try {
    const before = await listRecords(bench, wish.releaseName)
    const there = before.find(({ revision }) => revision === wish.revision)
    if (there === undefined) {
      await createRecord(bench, wish, set, before)
      failpoint('delivery-record-created')
    } else if (there.writtenBy !== delivery.metadata.uid) {
      throw new FlotillaError('kube.conflict', {
        message: `Plain helm wrote revision ${wish.revision} of ${wish.releaseName}`,
      })
    }
    const others = before.filter(({ revision }) => revision !== wish.revision)
    for (const { name, status } of others) if (status === 'deployed') await supersede(bench, name)
    const old = others.sort((a, b) => b.revision - a.revision).slice(mostRecords - 1)
    for (const { name } of old) await removeRecord(bench, name)
    return { kind: 'done' }
  } catch (thrown) {
    signal.throwIfAborted()
    const error = asFlotillaError(thrown)
    if (isTransport(error) || error.code === 'kube.conflict' || error.code === 'render.worker') throw error
    return { kind: 'refused', code: error.code, message: `No Helm record could be written: ${error.message}` }
  }
}

async function createRecord(
  bench: Workbench,
  wish: HelmRecordWish,
  set: StoredSet | undefined,
  before: readonly RecordName[],
): Promise<void> {
  const { deps, delivery, client, signal, counters } = bench
  const helm = set?.helm
  const source = helm === undefined ? undefined : await deps.sources.get('helm', helm.chartDigest)
  if (set === undefined || helm === undefined || source === undefined) {
    throw new FlotillaError('source.not_found', { message: `The chart of ${wish.component} is no longer stored` })
  }
  const now = new Date(deps.clock.now()).toISOString()
  const encoded = await deps.renderer.encodeRelease(
    {
      name: wish.releaseName,
      namespace: delivery.spec.target.namespace,
      version: wish.revision,
      status: 'deployed',
      firstDeployed: (await firstDeployed(bench, before)) ?? now,
      lastDeployed: now,
      description: wish.install ? 'Install complete' : 'Upgrade complete',
      source,
      content: { manifest: helm.manifest, hooks: helm.hooks, values: toJson(helm.values), notes: set.notes },
    },
    signal,
  )
  const secret = await withClientSideApply(encoded)
  refuseTooLarge(secret)
  const annotations = { ...secret.metadata.annotations, [writtenByAnnotation]: delivery.metadata.uid ?? '' }
  counters.add('recordWrites')
  try {
    await client.create({ ...secret, metadata: { ...secret.metadata, annotations } }, { signal, fieldManager })
  } catch (thrown) {
    // a request that was answered to nobody may have arrived; the next look finds out whose it is
    if (thrown instanceof KubeError && thrown.reason === 'AlreadyExists') {
      throw new FlotillaError('kube.conflict', {
        message: `Revision ${wish.revision} of ${wish.releaseName} is there already`,
        cause: thrown,
      })
    }
    throw thrown
  }
}

/** What a Secret may hold (Kubernetes' MaxSecretSize). */
const mostSecretBytes = 1 << 20

/** Said here, as of a refused Secret nobody repeats the words. */
function refuseTooLarge({ data = {} }: { readonly data?: unknown }): void {
  if (!isRecord(data)) return
  let bytes = 0
  for (const value of Object.values(data)) if (typeof value === 'string') bytes += Math.floor((value.length * 3) / 4)
  if (bytes <= mostSecretBytes) return
  throw new FlotillaError('input.too_large', {
    message: `it has ${Math.ceil(bytes / 1024)} KiB and a Secret holds 1024; helm itself could not install this chart either`,
  })
}

/** Values were JSON before they were stored, and are JSON now. */
function toJson(values: Readonly<Record<string, unknown>>): JsonObject {
  // oxlint-disable-next-line no-unsafe-type-assertion -- a set is decoded from JSON, which holds nothing else
  return values as JsonObject
}

async function firstDeployed(bench: Workbench, before: readonly RecordName[]): Promise<string | undefined> {
  const newest = before.toSorted((a, b) => b.revision - a.revision)[0]
  if (newest === undefined) return undefined
  const secret = await readSecret(bench, newest.name)
  try {
    return secret === undefined
      ? undefined
      : (await bench.deps.renderer.decodeRelease(secret, bench.signal)).firstDeployed
  } catch (thrown) {
    if (asFlotillaError(thrown).next === 'retry') throw thrown
    // a damaged record of before must not keep the next one from being written
    return undefined
  }
}

async function supersede(bench: Workbench, name: string): Promise<void> {
  const { deps, client, signal, counters } = bench
  const secret = await readSecret(bench, name)
  if (secret === undefined) return
  const revised = await deps.renderer.reviseRelease(secret, { status: 'superseded' }, signal)
  const { resourceVersion } = secret.metadata
  counters.add('recordWrites')
  const annotations = { ...secret.metadata.annotations, ...revised.metadata.annotations }
  const metadata = { ...revised.metadata, annotations, ...(resourceVersion === undefined ? {} : { resourceVersion }) }
  await client.update({ ...revised, metadata }, { signal, fieldManager })
  failpoint('delivery-record-superseded')
}

async function removeRecord({ client, delivery, signal, counters }: Workbench, name: string): Promise<void> {
  counters.add('deletes')
  const { namespace } = delivery.spec.target
  await client.delete({ group: '', version: 'v1', kind: 'Secret', namespace, name }, { signal })
}

/** All records of releases, as `helm uninstall` leaves them: none. */
export async function removeHelmRecords(bench: Workbench, releases: readonly string[]): Promise<EffectResult> {
  for (const release of releases) {
    for (const { name } of await listRecords(bench, release)) {
      await removeRecord(bench, name)
      failpoint('delivery-record-removed')
    }
  }
  return { kind: 'done' }
}

async function readSecret(
  { client, delivery, signal, counters }: Workbench,
  name: string,
): Promise<KubeObject | undefined> {
  counters.add('reads')
  return client.find(
    { group: '', version: 'v1', kind: 'Secret', namespace: delivery.spec.target.namespace, name },
    { signal },
  )
}

async function listRecords({ client, delivery, signal, counters }: Workbench, release: string): Promise<RecordName[]> {
  counters.add('reads')
  const { items } = await client.list<RecordName | undefined>(
    { group: '', version: 'v1', kind: 'Secret' },
    {
      namespace: delivery.spec.target.namespace,
      labelSelector: `owner=helm,name=${release}`,
      maxItems: 1000,
      pageSize: 50,
      project: (secret) => {
        const record = readRecord(secret)
        if (record === undefined) return undefined
        const { revision, status, writtenBy } = record
        return { name: secret.metadata.name, revision, status, writtenBy }
      },
      signal,
    },
  )
  return items.filter((item) => item !== undefined)
}
