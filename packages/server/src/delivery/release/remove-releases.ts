import { failpoint } from '@flotilla/engine'
import type { KubeClient } from '@flotilla/kube'
import { type Application, group, isRecord, type KubeObject, version } from '@flotilla/model'

/** In this order: whoever is killed in between finds what is left by the application that it names. */
const kinds = ['Rollout', 'Approval', 'Release', 'ComponentVersion'] as const
const mostItems = 10_000

/**
 * Deletes what releases of an application left in the host, as it is being removed itself: an application that is given its name
 * later is another one. A run that is under way ends first. What ran when stays in the history.
 */
export async function removeReleases(
  host: KubeClient,
  { metadata: { namespace = '', name } }: Pick<Application, 'metadata'>,
  signal: AbortSignal,
): Promise<void> {
  const listed = await Promise.all(
    kinds.map(async (kind) => {
      const { items } = await host.list({ group, version, kind }, { namespace, signal, maxItems: mostItems })
      return { kind, items }
    }),
  )
  const releases = new Set(
    listed
      .flatMap(({ kind, items }) => (kind === 'Release' ? items.filter((item) => isOf(item, name)) : []))
      .map(nameOf),
  )
  for (const { kind, items } of listed) {
    const own = items.filter((item) => (kind === 'Approval' ? releases.has(textOf(item, 'release')) : isOf(item, name)))
    for (const object of own) {
      if (object.metadata.deletionTimestamp !== undefined) continue
      await deleteOne(host, kind, object, signal)
      failpoint('release-object-removed')
    }
  }
}

/** An object as it is found to delete it. */
export interface Identified {
  readonly metadata: {
    readonly name: string
    readonly namespace?: string | undefined
    readonly uid?: string | undefined
    readonly deletionTimestamp?: string | undefined
  }
}

/** Only this very one: a name may have been given again. */
export async function deleteOne(
  host: KubeClient,
  kind: string,
  { metadata: { namespace, name, uid } }: Identified,
  signal: AbortSignal,
): Promise<void> {
  await host.delete({ group, version, kind, namespace, name }, { uid, signal })
}

const textOf = ({ spec }: KubeObject, field: string): string => {
  const value = isRecord(spec) ? spec[field] : undefined
  return typeof value === 'string' ? value : ''
}
const isOf = (object: KubeObject, application: string): boolean => textOf(object, 'application') === application
const nameOf = ({ metadata }: KubeObject): string => metadata.name
