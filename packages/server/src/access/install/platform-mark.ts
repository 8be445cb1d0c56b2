import type { KubeClient } from '@flotilla/kube'
import { asFlotillaError, fieldManager, FlotillaError, type KubeObject, labels, systemNamespace } from '@flotilla/model'
import { version } from '../../version.ts'

/** What of the platform a program brings along, and who else can stand on it. */
export interface PlatformRevision {
  readonly revision: number
  /** Programs with an older revision than this one must not run on it. */
  readonly oldest: number
}

/**
 * Raised with every change of the kinds, the roles or the policies: a program never puts its own over those of a newer one,
 * as fields that it does not know would be dropped and rules that it does not know would go. `oldest` is raised with it where
 * a program from before the change would do harm; others, that a rolling update starts once more, go on until they are replaced.
 */
export const platform: PlatformRevision = { revision: 2, oldest: 2 }

export const markName = 'flotilla-platform'
const mark = { group: '', version: 'v1', kind: 'ConfigMap', namespace: systemNamespace, name: markName }

/** Remedy of whoever wants an older version back. */
export const goBack = `To go back for good, stop the newer servers and delete the ConfigMap ${markName} in ${systemNamespace}; what only the newer version knows is lost from what is written then.`

/**
 * Says in the host that this program's platform is put there from now on; gives the newer one where that is there already.
 * Throws where this program must not run on it.
 */
export async function markPlatform(
  host: KubeClient,
  own: PlatformRevision,
  signal: AbortSignal,
): Promise<PlatformRevision | undefined> {
  const found = await host.find(mark, { signal })
  const there = readMark(found)
  if (there !== undefined && there.revision > own.revision) {
    if (own.revision >= there.oldest) return there
    throw new FlotillaError('kube.invalid', {
      message: `The host has the platform of a newer version (its revision ${there.revision}, for programs of ${there.oldest} and later; this program has ${own.revision}).`,
      remedy: `Start the newer version. ${goBack}`,
    })
  }
  if (there?.revision === own.revision && there.oldest === own.oldest) return undefined
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: markName, namespace: systemNamespace, labels: { [labels.managed]: 'platform' } },
    data: { revision: String(own.revision), oldest: String(own.oldest), version },
  }
  const resourceVersion = found?.metadata.resourceVersion
  try {
    await (resourceVersion === undefined
      ? host.create(object, { fieldManager, signal })
      : host.update({ ...object, metadata: { ...object.metadata, resourceVersion } }, { fieldManager, signal }))
  } catch (thrown) {
    // another server was first, perhaps a newer one
    if (asFlotillaError(thrown).code === 'kube.conflict') return await markPlatform(host, own, signal)
    throw thrown
  }
  return undefined
}

/** Undefined for none, and for what no server wrote. */
function readMark(found: KubeObject | undefined): PlatformRevision | undefined {
  const { revision, oldest } = (found?.['data'] ?? {}) as Partial<Record<string, string>>
  const read = { revision: Number(revision), oldest: Number(oldest) }
  return Number.isSafeInteger(read.revision) && Number.isSafeInteger(read.oldest) ? read : undefined
}
