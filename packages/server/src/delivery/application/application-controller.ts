import { setTimeout as wait } from 'node:timers/promises'
import type { Controller, Log } from '@flotilla/engine'
import type { Clock } from '@flotilla/kube'
import { type Application, type Next, settled, waiting } from '@flotilla/model'
import { type ApplicationDecision, type ApplicationEffect, isAtLeast, reconcileApplication } from '@flotilla/reconcile'
import type { Renderer } from '@flotilla/render'
import type { FleetConnections } from '../../fleet/connections.ts'
import type { HostState } from '../../fleet/host-state.ts'
import type { Store } from '../../store/store.ts'
import type { StoredSets } from '../rendered-set.ts'
import { CapabilityMemory } from './capabilities.ts'
import { executeApplication, writeApplicationStatus } from './execute-application.ts'
import { type Observation, observeApplication, type ObserveDeps, syncRequestOf } from './observe-application.ts'
import { executeRenders } from './render-effects.ts'
import { RenderMemory } from './render-memory.ts'
import { RevisionMemory } from './revision-memory.ts'
import { SourceMemory } from './source-memory.ts'
import { createSourceStore, type SourceStore } from './source-store.ts'
import { subscribeApplications } from './subscribe.ts'
import { SecretReader } from './values-from.ts'

export interface ApplicationControllerDeps {
  readonly state: HostState
  readonly fleet: FleetConnections
  readonly store: Pick<Store, 'blobs' | 'revisions' | 'digestKey'>
  readonly sets: StoredSets
  readonly renderer: Renderer
  readonly clock: Clock
  readonly log: Log
}

export interface ApplicationController {
  /** Keys are `namespace/name` of Applications. */
  readonly controller: Controller
  /** Tells the queue which keys to work on, from now on and once for all that are there. */
  subscribe(enqueue: (key: string) => void): () => void
  /** A stored set is gone: it is rendered again for whoever wants it. */
  setMissing(digest: string): void
  /** A Secret of the host changed, by `namespace/name`: values that come from it may be others now. */
  secretChanged(key: string): void
  /** What the services beside the controller share with it. */
  readonly shared: Shared
}

export interface Shared extends ObserveDeps {
  readonly sources: SourceStore
  readonly sets: StoredSets
  readonly renderer: Renderer
  readonly clock: Clock
  readonly log: Log
  /** Applications as our last write of their status left them, by key. */
  readonly written: Map<string, Application>
}

/** Passes per call: resolve, render, write; more when inputs move meanwhile. */
const mostPasses = 6
/** After this long of fetching or rendering, what is known so far is said. */
const patienceMs = 2_000

/** From Applications to Deliveries. */
export function createApplicationController(deps: ApplicationControllerDeps): ApplicationController {
  const shared = createShared(deps)
  const again = new Set<(key: string) => void>()
  return {
    shared,
    controller: {
      name: 'application',
      concurrency: 4,
      work: (key, signal) => work(shared, key, signal),
    },
    subscribe: (enqueue) => {
      again.add(enqueue)
      const end = subscribeApplications(shared, enqueue)
      return () => {
        again.delete(enqueue)
        end()
      }
    },
    secretChanged: (key) => {
      shared.secrets.forget(key)
      const [namespace = '', name = ''] = key.split('/')
      for (const { metadata, spec } of shared.state.applications.list(namespace)) {
        const takes = spec.components.some(({ valuesFrom }) =>
          valuesFrom?.some(({ secretName }) => secretName === name),
        )
        if (takes) for (const enqueue of again) enqueue(`${namespace}/${metadata.name}`)
      }
    },
    setMissing: (digest) => {
      shared.renderMemory.lose(digest)
      for (const { metadata, spec } of shared.state.deliveries.list()) {
        if (spec.desired?.components.some((component) => component.digest === digest) !== true) continue
        for (const enqueue of again) enqueue(`${metadata.namespace ?? ''}/${spec.application.name}`)
      }
    },
  }
}

function createShared({ state, fleet, store, sets, renderer, clock, log }: ApplicationControllerDeps): Shared {
  const now = (): string => new Date(clock.now()).toISOString()
  const sources = createSourceStore(store.blobs)
  return {
    state,
    fleet,
    sets,
    renderer,
    clock,
    log,
    sources,
    now,
    written: new Map(),
    digestKey: store.digestKey,
    sourceMemory: new SourceMemory({ renderer, sources, credentials: state.credentials, host: fleet.host, now }),
    renderMemory: new RenderMemory(store.blobs, clock),
    capabilities: new CapabilityMemory({
      fleet,
      blobs: store.blobs,
      clock,
      deliveriesIn: (cluster) => state.deliveries.list().filter(({ spec }) => spec.target.cluster === cluster),
    }),
    secrets: new SecretReader(fleet.host, clock),
    revisions: new RevisionMemory(store.revisions),
  }
}

async function work(shared: Shared, key: string, signal: AbortSignal): Promise<Next> {
  const [namespace = '', name = ''] = key.split('/')
  const found = shared.state.applications.get(namespace, name)
  if (found === undefined) {
    shared.written.delete(key)
    return settled
  }
  let application = newest(found, shared.written.get(key))
  for (let pass = 0; pass < mostPasses; pass++) {
    const observation = await observeApplication(shared, application, signal)
    const decision = reconcileApplication({ object: application, observed: observation.observed, now: shared.now() })
    const executed = await executeApplication(
      { host: shared.fleet.host, revisions: shared.revisions, now: shared.now },
      application,
      decision,
      observation.observed.deliveries,
      signal,
    )
    application = executed.application
    if (decision.effects.some(({ kind }) => kind === 'RemoveFinalizer')) {
      forget(shared, application)
      return settled
    }
    const slow = decision.effects.filter(isSlow)
    if (slow.length === 0) {
      // whether or not it was written, only the watch knows now
      shared.written.delete(key)
      shared.written.set(key, await writeApplicationStatus(shared.fleet.host, application, decision.status, signal))
      return decision.next
    }
    application = await fetchAndRender(shared, application, { decision, slow, observation }, signal)
    // the watch has not told us yet of what was just written: deciding on it again would be on an older state
    if (executed.written > 0) return waiting(0, 'what was written is read again')
  }
  return waiting(1, 'its inputs keep moving')
}

/** The newer of what the watch shows and what we wrote: on an older one a write is refused, and decided on again. */
function newest(seen: Application, own: Application | undefined): Application {
  if (own === undefined || own.metadata.uid !== seen.metadata.uid) return seen
  return isAtLeast(seen.metadata.resourceVersion ?? '', own.metadata.resourceVersion ?? '') ? seen : own
}

type SlowEffect = Extract<ApplicationEffect, { kind: 'ResolveSource' | 'Render' }>
const isSlow = (effect: ApplicationEffect): effect is SlowEffect =>
  effect.kind === 'ResolveSource' || effect.kind === 'Render'

/** Does what takes its time. Whoever looks at the application meanwhile sees what is going on. */
async function fetchAndRender(
  shared: Shared,
  application: Application,
  { decision, slow, observation }: { decision: ApplicationDecision; slow: SlowEffect[]; observation: Observation },
  signal: AbortSignal,
): Promise<Application> {
  const done = new AbortController()
  const doing = Promise.all([
    ...slow.map((effect) =>
      effect.kind === 'ResolveSource' ? resolve(shared, application, effect.component, signal) : undefined,
    ),
    executeRenders(shared, slow, observation.jobs, signal),
  ]).finally(() => done.abort())
  const patience = wait(patienceMs, 'over', { signal: done.signal }).catch(() => 'done')
  let current = application
  try {
    if ((await patience) === 'over')
      current = await writeApplicationStatus(shared.fleet.host, application, decision.status, signal)
  } finally {
    await doing
  }
  return current
}

async function resolve(shared: Shared, application: Application, name: string, signal: AbortSignal): Promise<void> {
  const index = application.spec.components.findIndex((component) => component.name === name)
  const component = application.spec.components[index]
  if (component === undefined) return
  const { uid = '', namespace = '' } = application.metadata
  const question = { applicationUid: uid, namespace, component, index }
  await shared.sourceMemory.resolve(question, syncRequestOf(application), signal)
}

function forget(shared: Shared, { metadata: { uid = '' } }: Application): void {
  shared.sourceMemory.forget(uid)
  shared.revisions.forget(uid)
}
