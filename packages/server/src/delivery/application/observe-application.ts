import { setImmediate as breathe } from 'node:timers/promises'
import {
  annotations,
  type Application,
  asFlotillaError,
  computePlacement,
  computeTargets,
  type Known,
  known,
  type Project,
  type Target,
  targetKey,
  unknown,
} from '@flotilla/model'
import {
  type ApplicationObserved,
  type ObservedCluster,
  renderKey,
  type RenderObservation,
  type SourceObservation,
} from '@flotilla/reconcile'
import type { FleetConnections } from '../../fleet/connections.ts'
import type { HostState } from '../../fleet/host-state.ts'
import type { Revision } from '../../store/store.ts'
import type { CapabilityMemory } from './capabilities.ts'
import { observeClusters, observeDeliveries, observeProject, observeReleases, observeSiblings } from './observe-host.ts'
import { prepareRender, type RenderJob } from './render-job.ts'
import type { RenderMemory } from './render-memory.ts'
import type { RevisionMemory } from './revision-memory.ts'
import { describeFailure, type SourceMemory } from './source-memory.ts'
import type { SecretReader, SecretValues } from './values-from.ts'

export interface ObserveDeps {
  readonly state: HostState
  readonly fleet: FleetConnections
  readonly sourceMemory: SourceMemory
  readonly renderMemory: RenderMemory
  readonly capabilities: CapabilityMemory
  readonly secrets: SecretReader
  readonly revisions: RevisionMemory
  readonly digestKey: Uint8Array
  readonly now: () => string
}

export interface Observation {
  readonly observed: ApplicationObserved
  /** By `renderKey`: what is to be done for each render. */
  readonly jobs: ReadonlyMap<string, RenderJob>
}

/** Reads everything that a decision about one application needs. Fetches and renders nothing. */
export async function observeApplication(
  deps: ObserveDeps,
  application: Application,
  signal: AbortSignal,
): Promise<Observation> {
  const { state, fleet } = deps
  const namespace = application.metadata.namespace ?? ''
  const project = observeProject(state, namespace)
  const deliveries = observeDeliveries(state, namespace, application.metadata.name)
  const clusters = observeClusters(state, fleet, project, deliveries)
  const siblings = observeSiblings(state, namespace, application.spec.dependsOn ?? [])
  const removing = application.metadata.deletionTimestamp !== undefined
  const latest = removing ? known(undefined) : await deps.revisions.latest(application.metadata.uid ?? '')
  const releases = observeReleases(state, namespace, application.metadata.name)
  const base = { project, clusters, deliveries, siblings, releases, latest, sources: {}, rendered: {} }
  if (
    removing ||
    // what is declared is looked at when a release of it is frozen
    application.spec.mode === 'governed' ||
    application.spec.paused ||
    !project.known ||
    project.value === undefined ||
    !clusters.known ||
    !deliveries.known
  )
    return { observed: base, jobs: new Map() }

  const sources = await observeSources(deps, application, latest)
  const targets = targetsOf(application, project.value, clusters.value)
  const own = new Map(deliveries.value.map((delivery) => [targetKey(delivery.spec.target), delivery]))
  const { rendered, jobs } = await observeRenders(deps, application, project.value, targets, sources, own, signal)
  return { observed: { ...base, sources, rendered }, jobs }
}

/** Where an application is wanted, by what is declared now. */
export function targetsOf(application: Application, project: Project, clusters: readonly ObservedCluster[]): Target[] {
  const staying = clusters.filter(({ removal }) => removal === undefined)
  return computePlacement(application.spec, computeTargets(project, staying))
}

async function observeSources(
  deps: ObserveDeps,
  application: Application,
  latest: Known<Revision | undefined>,
): Promise<Record<string, SourceObservation>> {
  const { uid = '', namespace = '' } = application.metadata
  const revision = latest.known ? latest.value : undefined
  const sources: Record<string, SourceObservation> = {}
  for (const [index, component] of application.spec.components.entries()) {
    const question = { applicationUid: uid, namespace, component, index }
    sources[component.name] = await deps.sourceMemory.observe(question, revision)
  }
  return sources
}

type Deliveries = ReadonlyMap<string, Parameters<typeof prepareRender>[0]['delivery']>

async function observeRenders(
  deps: ObserveDeps,
  application: Application,
  project: Project,
  targets: readonly Target[],
  sources: Readonly<Record<string, SourceObservation>>,
  own: Deliveries,
  signal: AbortSignal,
): Promise<{ rendered: Record<string, RenderObservation>; jobs: Map<string, RenderJob> }> {
  const rendered: Record<string, RenderObservation> = {}
  const jobs = new Map<string, RenderJob>()
  const names = [...new Set(targets.map(({ cluster }) => cluster))]
  const abilities = new Map(
    await Promise.all(names.map(async (cluster) => [cluster, await deps.capabilities.observe(cluster)] as const)),
  )
  for (const [index, component] of application.spec.components.entries()) {
    const source = sources[component.name]
    const everywhere = (observation: RenderObservation): void => {
      for (const target of targets) rendered[renderKey(target, component.name)] = observation
    }
    if (source?.state !== 'resolved') {
      everywhere({ state: 'waiting', reason: `the source of ${component.name} is not known yet` })
      continue
    }
    const values = await readValues(deps, application, index, signal)
    if ('state' in values) {
      everywhere(values)
      continue
    }
    for (const target of targets) {
      const key = renderKey(target, component.name)
      const ability = abilities.get(target.cluster) ?? unknown('it was not asked')
      if (!ability.known) {
        rendered[key] = { state: 'waiting', reason: ability.reason }
        continue
      }
      const job = prepareRender({
        spec: application.spec,
        component,
        target,
        targets,
        projectUid: project.metadata.uid ?? '',
        source: source.source,
        secretValues: values,
        capabilities: ability.value,
        delivery: own.get(targetKey(target)),
        digestKey: deps.digestKey,
      })
      jobs.set(key, job)
      rendered[key] = await deps.renderMemory.observe(job)
      // many targets with large values must not hold up everybody else
      if (jobs.size % 32 === 0) await breathe()
    }
  }
  return { rendered, jobs }
}

async function readValues(
  deps: ObserveDeps,
  application: Application,
  index: number,
  signal: AbortSignal,
): Promise<SecretValues | RenderObservation> {
  const component = application.spec.components[index]
  if (component?.valuesFrom === undefined) return { values: [], secrets: [] }
  try {
    return await deps.secrets.read(application.metadata.namespace ?? '', component, index, signal)
  } catch (thrown) {
    signal.throwIfAborted()
    const error = asFlotillaError(thrown)
    if (error.next === 'retry') return { state: 'waiting', reason: error.message }
    // wrong until the Secret is another, which a later look finds
    return { state: 'failed', key: `values/${component.name}`, failure: describeFailure(error, deps.now(), undefined) }
  }
}

export const syncRequestOf = (application: Application): string | undefined =>
  application.metadata.annotations?.[annotations.syncRequest]
