import type { Identity, KubeClient } from '@flotilla/kube'
import { asFlotillaError, fieldManager, FlotillaError, type KubeObject, refKey, refOf } from '@flotilla/model'
import type { FleetConnections } from '../../fleet/connections.ts'

const atOnce = 8

/**
 * What runs now, and what an apply would make of it, by a dry-run in the cluster as the person. Objects that are wanted
 * now and not any more are among what runs.
 */
export async function observeLive(
  fleet: Pick<FleetConnections, 'client'>,
  cluster: string,
  by: Identity,
  { wanted, after }: { readonly wanted: readonly KubeObject[]; readonly after: readonly KubeObject[] },
  signal: AbortSignal,
): Promise<{ before: KubeObject[]; after: KubeObject[] }> {
  const member = fleet.client(cluster)
  if (!member.known) throw new FlotillaError('cluster.unreachable', { message: member.reason })
  const client = member.value.as(by)
  const kept = new Set(after.map((object) => refKey(refOf(object))))
  const leaving = wanted.filter((object) => !kept.has(refKey(refOf(object))))
  const before: KubeObject[] = []
  const result: KubeObject[] = []
  const left = [
    ...after.map((object) => ({ object, stays: true })),
    ...leaving.map((object) => ({ object, stays: false })),
  ]
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const live = await findLive(client, next.object, signal)
      if (live !== undefined) before.push(live)
      if (!next.stays) continue
      result.push(live === undefined ? next.object : await dryRun(client, next.object, signal))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  const order = new Map(after.map((object, index) => [refKey(refOf(object)), index]))
  const place = (object: KubeObject): number => order.get(refKey(refOf(object))) ?? order.size
  return {
    before: before.toSorted((a, b) => place(a) - place(b)),
    after: result.toSorted((a, b) => place(a) - place(b)),
  }
}

async function findLive(client: KubeClient, object: KubeObject, signal: AbortSignal): Promise<KubeObject | undefined> {
  try {
    return await client.find(refOf(object), { signal })
  } catch (thrown) {
    // a kind that comes with the same set is not served yet
    if (asFlotillaError(thrown).code === 'kube.kind_not_served') return undefined
    throw thrown
  }
}

const dryRun = (client: KubeClient, object: KubeObject, signal: AbortSignal): Promise<KubeObject> =>
  client.apply(object, { fieldManager, force: true, dryRun: true, signal })
