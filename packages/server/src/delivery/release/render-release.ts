import { setImmediate as breathe } from 'node:timers/promises'
import {
  type Application,
  type Finding,
  type FrozenTarget,
  type Release,
  type ResolvedSource,
  type Target,
  targetKey,
} from '@flotilla/model'
import {
  computeFrozenTargets,
  computeReleaseSpec,
  computeWanted,
  findUnmatchedOverrides,
  type ReleaseSpecAnswer,
  renderKey,
  type RenderObservation,
  type Wanted,
} from '@flotilla/reconcile'
import type { KnownCapabilities } from '../application/capabilities.ts'
import { executeRenders } from '../application/render-effects.ts'
import { prepareRender, type RenderJob } from '../application/render-job.ts'
import { inParallel } from '../delivery/in-parallel.ts'
import type { ReleaseDeps } from './deps.ts'
import { loadBase, observePlace, type Place, targetsAt } from './observe-place.ts'
import { type ComponentInputs, resolveInputs } from './resolve-inputs.ts'

export interface RenderReleaseQuestion {
  readonly release: Release
  /** As it is declared; the release is rendered from this and from nothing newer. */
  readonly application: Application
  readonly signal: AbortSignal
  /** Called after each batch. */
  readonly progress?: (done: number, total: number) => Promise<void> | void
}

export interface RenderedRelease {
  readonly place: Place
  readonly made: ReleaseSpecAnswer
  readonly sources: readonly ResolvedSource[]
  /** Those that were rendered whole. */
  readonly targets: readonly FrozenTarget[]
  /** One of severity Error: not all of it could be rendered. */
  readonly findings: readonly Finding[]
  /** Something that failed may go better later. */
  readonly retry: boolean
}

/** Targets between two words of progress. */
const batch = 8
const clustersAtOnce = 8

/**
 * Renders what a release would bring to every target, with what the Application controller renders with: what it has
 * rendered before is not rendered again. Writes nothing but blobs. Errors: while project, Deliveries, clusters or the
 * release before cannot be told; what is wrong with a component or a target is a finding.
 */
export async function renderRelease(deps: ReleaseDeps, question: RenderReleaseQuestion): Promise<RenderedRelease> {
  const { release, application, signal } = question
  const place = observePlace(deps, application)
  const before = await loadBase(deps, release, place)
  const made = computeReleaseSpec({ declared: application.spec, choices: release.spec.components, before })
  const targets = targetsAt(application, made.spec, place)
  const findings = [...made.findings, ...findUnmatchedOverrides(made.spec, targets).map(({ finding }) => finding)]
  const nothing = { place, made, sources: [], targets: [], retry: false }
  if (findings.some(isError)) return { ...nothing, findings }
  const wanted = { ...application, spec: made.spec }
  const resolved = await resolveInputs(deps, wanted, signal)
  if (resolved.findings.length > 0)
    return { ...nothing, findings: [...findings, ...resolved.findings], retry: resolved.retry }
  const rendered = await renderTargets(deps, question, { place, made, targets, inputs: resolved.inputs })
  const frozen = computeFrozenTargets({
    application: application.metadata.name,
    project: place.project.metadata.name,
    release: release.metadata.name,
    spec: made.spec,
    targets,
    wanted: rendered.wanted,
    deliveries: place.deliveries,
    removed: (cluster) => place.clusters.some(({ name, removal }) => name === cluster && removal !== undefined),
  })
  const of = [...rendered.wanted.values()].flatMap((want) => ('findings' in want ? want.findings : []))
  return {
    place,
    made,
    sources: resolved.inputs.map(({ source }) => source),
    targets: frozen,
    findings: [...findings, ...rendered.findings, ...of],
    retry: rendered.retry,
  }
}

const isError = ({ severity }: Finding): boolean => severity === 'Error'

interface Bench {
  readonly place: Place
  readonly made: ReleaseSpecAnswer
  readonly targets: readonly Target[]
  readonly inputs: readonly ComponentInputs[]
}

async function renderTargets(deps: ReleaseDeps, question: RenderReleaseQuestion, bench: Bench) {
  const { shared } = deps
  const { signal, progress } = question
  const names = [...new Set(bench.targets.map(({ cluster }) => cluster))]
  const abilities = new Map(
    await inParallel(names, clustersAtOnce, async (name) => [name, await shared.capabilities.observe(name)] as const),
  )
  const wanted = new Map<string, Wanted>()
  const findings: Finding[] = []
  let retry = false
  await progress?.(0, bench.targets.length)
  for (let from = 0; from < bench.targets.length; from += batch) {
    signal.throwIfAborted()
    const some = bench.targets.slice(from, from + batch)
    const ready = some.flatMap((target) => {
      const ability = abilities.get(target.cluster)
      if (ability?.known === true) return [{ target, capabilities: ability.value }]
      const message = ability?.reason ?? `${target.cluster} was not asked`
      findings.push({ severity: 'Error', code: 'cluster.unreachable', message, cluster: target.cluster })
      retry = true
      return []
    })
    const rendered = await renderBatch(deps, bench, ready, signal)
    if (Object.values(rendered).some((one) => one.state === 'failed' && one.failure.next === 'retry')) retry = true
    for (const { target } of ready)
      wanted.set(targetKey(target), computeWanted(bench.made.spec, target, bench.targets, rendered))
    await progress?.(Math.min(from + batch, bench.targets.length), bench.targets.length)
  }
  return { wanted, findings, retry }
}

async function renderBatch(
  { shared }: ReleaseDeps,
  { place, made, targets, inputs }: Bench,
  ready: readonly { readonly target: Target; readonly capabilities: KnownCapabilities }[],
  signal: AbortSignal,
): Promise<Record<string, RenderObservation>> {
  const own = new Map(place.deliveries.map((delivery) => [targetKey(delivery.spec.target), delivery]))
  const jobs = new Map<string, RenderJob>()
  for (const { target, capabilities } of ready) {
    for (const { component, source, secretValues } of inputs)
      jobs.set(
        renderKey(target, component.name),
        prepareRender({
          spec: made.spec,
          component,
          target,
          targets,
          projectUid: place.project.metadata.uid ?? '',
          source,
          secretValues,
          capabilities,
          delivery: own.get(targetKey(target)),
          digestKey: shared.digestKey,
        }),
      )
    await breathe()
  }
  const render = () => {
    const effects = [...jobs].map(([key, { component, target }]) => ({
      kind: 'Render' as const,
      key,
      component: component.name,
      target,
    }))
    return executeRenders(shared, effects, jobs, signal)
  }
  await render()
  if (await loseMissing(shared, jobs)) await render()
  const observed: Record<string, RenderObservation> = {}
  for (const [key, job] of jobs) observed[key] = await shared.renderMemory.observe(job)
  return observed
}

/** What is remembered as rendered and no longer stored is rendered again: a frozen release is never without its bytes. */
async function loseMissing({ renderMemory, sets }: ReleaseDeps['shared'], jobs: ReadonlyMap<string, RenderJob>) {
  const seen = new Map<string, boolean>()
  for (const job of jobs.values()) {
    const observation = await renderMemory.observe(job)
    if (observation.state !== 'rendered') continue
    const { digest } = observation.rendered
    const there = seen.get(digest) ?? (await sets.get(digest)) !== undefined
    seen.set(digest, there)
    if (!there) renderMemory.lose(digest)
  }
  return [...seen.values()].includes(false)
}
