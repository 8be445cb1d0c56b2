import type { KubeClient } from '@flotilla/kube'
import { asFlotillaError, type KubeObject, personManager } from '@flotilla/model'

const mostTries = 5

/**
 * Writes an object whole that was read before, as whoever `client` speaks for. A status that a controller wrote meanwhile
 * is no conflict: what `change` makes of the newer object is tried again. A specification that somebody changed is:
 * `kube.conflict`, as is an object that was made anew.
 */
export async function updateUnlessChanged(
  client: KubeClient,
  before: KubeObject,
  change: (live: KubeObject) => KubeObject,
  signal: AbortSignal,
): Promise<KubeObject> {
  let live = before
  for (let tries = 1; ; tries++)
    try {
      return await client.update(change(live), { fieldManager: personManager, signal })
    } catch (thrown) {
      const { kind, apiVersion, metadata } = before
      const [group = '', version = ''] = apiVersion.split('/')
      if (asFlotillaError(thrown).code !== 'kube.conflict' || tries === mostTries) throw thrown
      live = await client.get({ group, version, kind, namespace: metadata.namespace, name: metadata.name }, { signal })
      const isSame = live.metadata.uid === metadata.uid && live.metadata.generation === metadata.generation
      if (!isSame) throw thrown
    }
}
