import type { PreviewAnswer } from '@flotilla/api'
import type { Identity } from '@flotilla/kube'
import {
  type Application,
  asFlotillaError,
  type Component,
  type Delivery,
  type Finding,
  FlotillaError,
  type Project,
  type ResolvedSource,
  type Target,
  targetKey,
} from '@flotilla/model'
import { findUnmatchedOverrides, prepareObjects } from '@flotilla/reconcile'
import { redactError } from '@flotilla/render'
import type { StoredSet } from '../rendered-set.ts'
import { describeChanges, type ObjectChanges } from '../object-changes.ts'
import type { Shared } from './application-controller.ts'
import { observeLive } from './live-preview.ts'
import { targetsOf } from './observe-application.ts'
import { observeClusters, observeDeliveries } from './observe-host.ts'
import { renderComponent } from './render-component.ts'
import { prepareRender } from './render-job.ts'
import type { SecretValues } from './values-from.ts'

export interface PreviewQuestion {
  /** New or edited; as it would be written. */
  readonly application: Application
  readonly project: Project
  readonly cluster: string | undefined
  readonly against: 'wanted' | 'live'
  readonly by: Identity
  readonly signal: AbortSignal
}

interface Gathered {
  readonly items: PreviewAnswer['items']
  readonly failures: PreviewAnswer['failures']
  readonly findings: Finding[]
  readonly targets: PreviewAnswer['targets']
  unchanged: number
}

interface Prepared {
  readonly component: Component
  readonly source: ResolvedSource
  readonly secretValues: SecretValues
}

const mostItems = 500

/**
 * What an edited application would change, per target and component, against what is wanted now or against what runs.
 * Writes nothing but blobs. Errors: `source.*`, `input.*`; what fails for one target is in the answer.
 */
export async function previewApplication(shared: Shared, question: PreviewQuestion): Promise<PreviewAnswer> {
  const { application, project, cluster, signal } = question
  const { state, fleet } = shared
  const deliveries = observeDeliveries(state, application.metadata.namespace ?? '', application.metadata.name)
  if (!deliveries.known) throw new FlotillaError('request.conflict', { message: deliveries.reason })
  const clusters = observeClusters(state, fleet, { known: true, value: project }, deliveries)
  if (!clusters.known) throw new FlotillaError('cluster.unreachable', { message: clusters.reason })
  const all = targetsOf(application, project, clusters.value)
  const chosen = (target: { readonly cluster: string }): boolean => cluster === undefined || target.cluster === cluster
  const findings = findUnmatchedOverrides(application.spec, all).map(({ finding }) => finding)
  if (all.length === 0)
    findings.push({ severity: 'Warning', code: 'application.no_targets', message: 'Its placement matches no target' })
  const gathered: Gathered = { items: [], failures: [], findings, targets: [], unchanged: 0 }
  const prepared = await prepareComponents(shared, application, signal)
  const own = new Map(deliveries.value.map((delivery) => [targetKey(delivery.spec.target), delivery]))
  for (const target of all.filter(chosen))
    await previewTarget(shared, question, { target, all, prepared, delivery: own.get(targetKey(target)) }, gathered)
  const placed = new Set(all.map(targetKey))
  for (const delivery of deliveries.value) {
    const { target } = delivery.spec
    if (placed.has(targetKey(target)) || !chosen(target)) continue
    await previewRemoval(shared, application, delivery, gathered)
  }
  const { items, failures, targets, unchanged } = gathered
  return { items: items.slice(0, mostItems), failures, findings: gathered.findings.slice(0, 100), targets, unchanged }
}

/** Reads sources and Secrets of all components; what is stored already is not fetched again. */
async function prepareComponents(shared: Shared, application: Application, signal: AbortSignal): Promise<Prepared[]> {
  const { uid = '', namespace = '' } = application.metadata
  return Promise.all(
    application.spec.components.map(async (component, index): Promise<Prepared> => {
      const question = { applicationUid: uid, namespace, component, index }
      const secretValues = await shared.secrets.read(namespace, component, index, signal)
      const source = await shared.sourceMemory.peek(question, signal)
      return { component, source, secretValues }
    }),
  )
}

interface TargetQuestion {
  readonly target: Target
  readonly all: readonly Target[]
  readonly prepared: readonly Prepared[]
  readonly delivery: Delivery | undefined
}

async function previewTarget(
  shared: Shared,
  question: PreviewQuestion,
  { target, all, prepared, delivery }: TargetQuestion,
  gathered: Gathered,
): Promise<void> {
  const { cluster, namespace } = target
  const before = gathered.items.length
  const ability = await shared.capabilities.observe(cluster)
  if (!ability.known) {
    gathered.failures.push({ cluster, reason: ability.reason })
    return
  }
  for (const { component, source, secretValues } of prepared) {
    const job = prepareRender({
      spec: question.application.spec,
      component,
      target,
      targets: all,
      projectUid: question.project.metadata.uid ?? '',
      source,
      secretValues,
      capabilities: ability.value,
      delivery,
      digestKey: shared.digestKey,
    })
    try {
      const { set, findings } = await renderComponent(shared, job, question.signal)
      for (const finding of findings) gathered.findings.push({ ...finding, component: component.name, cluster })
      const changes = await compare(shared, question, { set, target, delivery, redact: secretValues.secrets })
      gathered.items.push(...changes.items)
      gathered.unchanged += changes.unchanged
    } catch (thrown) {
      question.signal.throwIfAborted()
      report(gathered, redactError(thrown, secretValues.secrets), cluster, component.name)
    }
  }
  for (const { name } of delivery?.spec.desired?.components ?? [])
    if (!prepared.some(({ component }) => component.name === name) && delivery !== undefined)
      await previewGone(shared, delivery, name, gathered)
  const changed = gathered.items.length > before ? 'changed' : 'unchanged'
  gathered.targets.push({ cluster, namespace, change: delivery?.spec.desired === undefined ? 'added' : changed })
}

async function compare(
  shared: Shared,
  { against, by, signal }: PreviewQuestion,
  {
    set,
    target,
    delivery,
    redact,
  }: { set: StoredSet; target: Target; delivery: Delivery | undefined; redact: readonly string[] },
): Promise<ObjectChanges> {
  const { objects: wanted, secrets } = await wantedNow(shared, delivery, set.component)
  const place = {
    cluster: target.cluster,
    namespace: target.namespace,
    component: set.component,
    redact: [...redact, ...secrets],
  }
  if (against === 'wanted') return describeChanges({ ...place, before: wanted, after: [...set.crds, ...set.objects] })
  const after =
    delivery === undefined
      ? [...set.crds, ...set.objects]
      : prepareObjects(delivery, set, shared.digestKey).map(({ object }) => object)
  const live = await observeLive(shared.fleet, target.cluster, by, { wanted, after }, signal)
  return describeChanges({ ...place, ...live })
}

async function wantedNow(shared: Shared, delivery: Delivery | undefined, component: string) {
  const digest = delivery?.spec.desired?.components.find(({ name }) => name === component)?.digest
  const set = digest === undefined ? undefined : await shared.sets.get(digest)
  return set === undefined
    ? { objects: [], secrets: [] }
    : { objects: [...set.crds, ...set.objects], secrets: set.secrets ?? [] }
}

async function previewGone(shared: Shared, delivery: Delivery, component: string, gathered: Gathered): Promise<void> {
  const { cluster, namespace } = delivery.spec.target
  const { objects: before, secrets: redact } = await wantedNow(shared, delivery, component)
  const { items } = await describeChanges({ cluster, namespace, component, before, after: [], redact })
  gathered.items.push(...items)
}

async function previewRemoval(
  shared: Shared,
  { spec }: Application,
  delivery: Delivery,
  gathered: Gathered,
): Promise<void> {
  const { cluster, namespace } = delivery.spec.target
  gathered.targets.push({ cluster, namespace, change: 'removed' })
  if (spec.deletionPolicy === 'Keep') return
  for (const { name } of delivery.spec.desired?.components ?? []) await previewGone(shared, delivery, name, gathered)
}

/** A cluster that does not answer is a failure; everything else says something about the application. */
function report({ failures, findings }: Gathered, thrown: unknown, cluster: string, component: string): void {
  const error = asFlotillaError(thrown)
  if (error.code.startsWith('cluster.')) {
    failures.push({ cluster, reason: error.message })
    return
  }
  const remedy = error.remedy === undefined ? '' : `. ${error.remedy}`
  findings.push({
    severity: 'Error',
    code: error.code,
    message: `${error.message}${remedy}`.slice(0, 1500),
    component,
    cluster,
    ...(error.field === undefined ? {} : { field: error.field }),
  })
}
