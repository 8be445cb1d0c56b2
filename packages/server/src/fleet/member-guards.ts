import { contentHash } from '@flotilla/engine'
import { asFlotillaError, type Cluster, fieldManager, group, isRecord, type KubeObject, refOf } from '@flotilla/model'
import type { KubeClient } from '@flotilla/kube'
import type { FleetDeps } from './controller-deps.ts'

/** They are not watched, as older clusters do not know them: written again this often, so that they are put back. */
const freshMs = 5 * 60_000

/** It is gone, an older cluster never had it, or a lent account could not have made it. */
const nothingToRemove: ReadonlySet<string> = new Set(['kube.not_found', 'kube.kind_not_served', 'kube.forbidden'])

export interface MemberGuards {
  /** Makes the policies what they should be, now and then. */
  keep(cluster: Cluster, policies: readonly KubeObject[], signal: AbortSignal): Promise<void>
  remove(cluster: Cluster, policies: readonly KubeObject[], signal: AbortSignal): Promise<void>
}

async function controls(client: KubeClient, signal: AbortSignal): Promise<boolean> {
  const asked = await client.create(
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      metadata: { name: '' },
      spec: { resourceAttributes: { group, resource: 'tenancy', verb: 'control' } },
    },
    { signal },
  )
  const { status } = asked
  return isRecord(status) && status['allowed'] === true
}

/** The policies in members that keep others from Flotilla's bindings. */
export function createMemberGuards({ fleet, clock, log }: Pick<FleetDeps, 'fleet' | 'clock' | 'log'>): MemberGuards {
  const kept = new Map<string, { readonly hash: string; readonly at: number; readonly uid: string | undefined }>()
  return {
    keep: async ({ metadata: { name, uid } }, policies, signal) => {
      const client = fleet.client(name)
      const hash = contentHash({ policies })
      const before = kept.get(name)
      const isFresh = before?.hash === hash && before.uid === uid && clock.elapsed() - before.at < freshMs
      if (!client.known || isFresh) return
      try {
        // whom it would refuse must not put it there
        if (!(await controls(client.value, signal)))
          log.warn('member not guarded', { cluster: name, reason: 'the account has not all rights there' })
        else for (const policy of policies) await client.value.apply(policy, { fieldManager, force: true, signal })
      } catch (thrown) {
        const { code, message } = asFlotillaError(thrown)
        if (code !== 'kube.forbidden') throw thrown
        // a lent account may hold less; what is changed behind our back is put back all the same
        log.warn('member not guarded', { cluster: name, reason: message })
      }
      kept.set(name, { hash, at: clock.elapsed(), uid })
    },
    remove: async ({ metadata: { name } }, policies, signal) => {
      kept.delete(name)
      const client = fleet.client(name)
      if (!client.known) return
      for (const policy of policies.toReversed())
        await client.value.delete(refOf(policy), { signal }).catch((thrown: unknown) => {
          if (!nothingToRemove.has(asFlotillaError(thrown).code)) throw thrown
        })
    },
  }
}
