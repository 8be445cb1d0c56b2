import { createKubeClient, systemClock } from '@flotilla/kube'
import { connectionOf } from '@flotilla/kube/testing/connection-of'
import { type Delivery, deliveryIdentity, known } from '@flotilla/model'
import { createAddressGuard, createGuardedFetch } from '@flotilla/render'
import { openSqliteStore } from '../../../../store/sqlite-store.ts'
import { createStoredSets } from '../../../stored-sets.ts'
import type { StepDeps } from '../step-runner.ts'
import { createStepRunners } from '../step-runners.ts'

export interface StepPlace {
  /** Of the member, as text. */
  readonly kubeconfig: string
  readonly dataDir: string
  readonly projectUid: string
}

/** Runners over a real member and a real store, as a rollout has them; `another` makes more over the same. */
export async function openStepRunners({ kubeconfig, dataDir, projectUid }: StepPlace) {
  const member = createKubeClient({ name: 'east', connection: connectionOf(kubeconfig), userAgent: 'flotilla-test' })
  const store = await openSqliteStore({ dataDir })
  let state: 'connected' | 'lost' = 'connected'
  const fleet = {
    host: member,
    get: (name: string) => (name === 'east' ? { name, labels: {}, edge: false, connection: { state } } : undefined),
    deliveryClient: () => known(member.as(deliveryIdentity(projectUid))),
  } as unknown as StepDeps['fleet']
  const deliveries = new Map<string, Delivery>()
  const deps: StepDeps = {
    fleet,
    deliveryOf: (_project, name) => deliveries.get(name),
    sets: createStoredSets(store.blobs, store.digestKey),
    ledger: store.migrationLedger,
    logs: store.stepLogs,
    digestKey: store.digestKey,
    fetch: createGuardedFetch({ guard: createAddressGuard(), insecureHosts: [], field: 'step' }),
    clock: systemClock,
  }
  return {
    runners: createStepRunners(deps),
    another: () => createStepRunners(deps),
    deliveries,
    store,
    sets: deps.sets,
    /** The member is lost, or found back. */
    connect: (connected: boolean) => {
      state = connected ? 'connected' : 'lost'
    },
    close: async () => {
      await store.close()
      await member.close()
    },
  }
}
