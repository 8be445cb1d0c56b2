import {
  annotations,
  Application,
  apiVersion,
  computePlacement,
  computeTargets,
  Delivery,
  finalizer,
  known,
  type KubeObject,
  Project,
  type Release,
  targetKey,
} from '@flotilla/model'
import { canonicalDigest } from '../canonical-digest.ts'
import { findMatchedPatches } from '../patch-targets.ts'
import { computeLayers, mergeImages, mergeLayers } from '../layers.ts'
import { reconcileApplication } from '../reconcile-application.ts'
import { isWritten } from './desired-delivery.ts'
import {
  type ApplicationDecision,
  type ApplicationObserved,
  type LatestRevision,
  type ObservedCluster,
  type RenderObservation,
  renderKey,
  type Siblings,
  type SourceObservation,
} from './observed.ts'

const start = Date.parse('2026-01-01T00:00:00Z')

/**
 * A stand-in for everything around `reconcileApplication`: it does what was decided, and its members deliver what
 * their Delivery says, when the test lets them.
 */
export function createTestWorld(spec: Record<string, unknown>, clusterNames: readonly string[]) {
  let seconds = 0
  const deliveries = new Map<string, Delivery>()
  const sources: Record<string, SourceObservation> = {}
  const rendered: Record<string, RenderObservation> = {}
  const written: string[] = []
  const deleted: string[] = []
  const history: LatestRevision[] = []
  const world = {
    application: parseApplication(spec),
    project: Project.parse({
      apiVersion,
      kind: 'Project',
      metadata: { name: 'shop', namespace: 'ws-retail', uid: 'project-uid' },
      spec: { targets: [{ clusters: {} }] },
    }),
    clusters: clusterNames.map((name): ObservedCluster => ({
      name,
      labels: { region: name.startsWith('e') ? 'eu' : 'us' },
      connection: 'connected',
      since: at(0),
    })),
    siblings: { applications: {}, deliveries: [] } as Siblings,
    releases: new Array<Release>(),
    observe: {} as Partial<ApplicationObserved>,
    /** Content of the source; another text is another digest. */
    source: 'chart 1.0',
    renderedObjects: [{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } }] as KubeObject[],
    failRender: (_cluster: string): boolean => false,
    deliveries,
    history,
    written,
    deleted,
    now: () => at(seconds),
    advance: (by: number) => void (seconds += by),
    edit: (change: Record<string, unknown>) => {
      const { application } = world
      const generation = (application.metadata.generation ?? 1) + 1
      const whole = { ...application.spec, ...change }
      world.application = Application.parse({
        ...application,
        metadata: { ...application.metadata, generation },
        spec: whole,
      })
    },
    /** A person asks to deliver again; the generation stays. */
    sync: (asked: string) => {
      const { metadata } = world.application
      const notes = { ...metadata.annotations, [annotations.syncRequest]: asked }
      world.application = { ...world.application, metadata: { ...metadata, annotations: notes } }
    },
    observed,
    decide: (): ApplicationDecision =>
      reconcileApplication({ object: world.application, observed: observed(), now: at(seconds) }),
    /** One pass of the loop: decide and do. Says whether anything was written or done. */
    pass,
    /** Passes until nothing is left to do now. */
    run: (): ApplicationDecision => {
      for (let i = 0; i < 50; i++) {
        const { decision, idle } = pass()
        if (idle) return decision
      }
      throw new Error('does not come to rest')
    },
    /** A member does what its Delivery says. */
    deliver: (cluster: string, health: 'Healthy' | 'Degraded' | 'Progressing' = 'Healthy') => {
      for (const [name, delivery] of deliveries) {
        if (delivery.spec.target.cluster !== cluster) continue
        const { desired, syncRequest } = delivery.spec
        if (desired === undefined) continue
        const applied = {
          revision: desired.revision,
          digest: desired.digest,
          at: at(seconds),
          ...(syncRequest === undefined ? {} : { syncRequest }),
        }
        deliveries.set(name, { ...delivery, status: { phase: 'Settled', health, applied } })
      }
    },
    desiredOf: (cluster: string) => deliveries.get(`web.${cluster}`)?.spec.desired,
    setConnection: (cluster: string, connection: ObservedCluster['connection']) => {
      world.clusters = world.clusters.map((entry) =>
        entry.name === cluster ? Object.assign({}, entry, { connection }) : entry,
      )
    },
  }

  function observed(): ApplicationObserved {
    for (const { name } of world.application.spec.components) sources[name] ??= { state: 'unseen' }
    const targets = computePlacement(world.application.spec, computeTargets(world.project, world.clusters))
    for (const target of targets) {
      for (const component of world.application.spec.components) {
        const key = renderKey(target, component.name)
        const source = sources[component.name]
        if (source?.state !== 'resolved') {
          rendered[key] = { state: 'waiting', reason: 'the source is not known yet' }
          continue
        }
        const inputs = inputsOf(key, source.source.digest)
        const before = rendered[key]
        if (before === undefined || before.state === 'waiting' || before.key !== inputs)
          rendered[key] = { state: 'needed', key: inputs }
      }
    }
    return {
      project: known(world.project),
      clusters: known(world.clusters),
      sources: { ...sources },
      rendered: { ...rendered },
      deliveries: known([...deliveries.values()]),
      latest: known(history.at(-1)),
      siblings: known(world.siblings),
      releases: known(world.releases),
      ...world.observe,
    }
  }

  function layersOf(key: string) {
    const targets = computePlacement(world.application.spec, computeTargets(world.project, world.clusters))
    const target = targets.find((candidate) => key.startsWith(`${targetKey(candidate)}/`))
    const component = world.application.spec.components.find(({ name }) => key.endsWith(`/${name}`))
    if (target === undefined || component === undefined) throw new Error(`no ${key}`)
    return computeLayers({ spec: world.application.spec, component, target, targets, valuesFrom: [] })
  }

  function inputsOf(key: string, source: string): string {
    const layers = layersOf(key)
    return canonicalDigest([source, mergeLayers(layers), mergeImages(layers), layers.patches.map(({ patch }) => patch)])
  }

  function pass(): { decision: ApplicationDecision; idle: boolean } {
    const decision = world.decide()
    let idle = decision.effects.length === 0
    for (const effect of decision.effects) {
      switch (effect.kind) {
        case 'AddFinalizer':
          setFinalizers([finalizer])
          break
        case 'RemoveFinalizer':
          setFinalizers([])
          break
        case 'ResolveSource': {
          const digest = canonicalDigest(world.source)
          const source = { component: effect.component, digest, version: world.source, resolvedAt: at(seconds) }
          const syncRequest = world.application.metadata.annotations?.[annotations.syncRequest]
          sources[effect.component] = { state: 'resolved', source, moving: true, checkedAt: at(seconds), syncRequest }
          break
        }
        case 'Render':
          render(renderKey(effect.target, effect.component), effect.target.cluster)
          break
        case 'AppendRevision':
          history.push(effect.revision)
          break
        default:
          effect satisfies never
      }
    }
    if (decision.objects.known) {
      const wanted = new Set<string>()
      for (const desired of decision.objects.value) {
        const { name } = desired.object.metadata
        wanted.add(name)
        const existing = deliveries.get(name)
        if (isWritten(desired, existing)) continue
        idle = false
        written.push(name)
        const metadata = { ...existing?.metadata, ...desired.object.metadata, uid: `uid-${name}` }
        deliveries.set(name, Delivery.parse({ ...existing, ...desired.object, metadata }))
      }
      for (const name of deliveries.keys()) {
        if (wanted.has(name)) continue
        idle = false
        deleted.push(name)
        deliveries.delete(name)
      }
    }
    world.application = { ...world.application, status: decision.status }
    return { decision, idle }
  }

  function render(key: string, cluster: string): void {
    const observation = rendered[key]
    if (observation?.state !== 'needed' && observation?.state !== 'failed') throw new Error(`${key} is not to render`)
    if (world.failRender(cluster)) {
      const failure = {
        code: 'render.failed',
        next: 'reject',
        message: 'no template',
        at: at(seconds),
        attempts: 1,
      } as const
      rendered[key] = { state: 'failed', key: observation.key, failure }
      return
    }
    rendered[key] = {
      state: 'rendered',
      key: observation.key,
      rendered: {
        digest: `set:${observation.key}`,
        version: world.source,
        images: ['web:1'],
        inputs: { inputs: observation.key, capabilities: 'caps', upgrade: false, revision: 1 },
        matchedPatches: findMatchedPatches(layersOf(key).patches, world.renderedObjects),
        findings: [],
      },
    }
  }

  function setFinalizers(finalizers: string[]): void {
    const { application } = world
    world.application = { ...application, metadata: { ...application.metadata, finalizers } }
  }

  return world
}

const at = (seconds: number): string => new Date(start + seconds * 1000).toISOString()

function parseApplication(spec: Record<string, unknown>): Application {
  return Application.parse({
    apiVersion,
    kind: 'Application',
    metadata: { name: 'web', namespace: 'pj-shop', uid: 'application-uid', generation: 1 },
    spec: { components: [chart('web')], ...spec },
  })
}

/** A component from a moving chart. */
export const chart = (name: string, more: Record<string, unknown> = {}) => ({
  name,
  helm: { chart: { oci: { url: `oci://registry.example/${name}`, version: '^1' } } },
  ...more,
})
