import type { ExplainAnswer } from '@flotilla/api'
import { type Application, type Component, FlotillaError, type Project, type Target, targetKey } from '@flotilla/model'
import {
  computeLayers,
  explainObject,
  explainValue,
  type Explanation,
  mergeLayers,
  parseObjectPath,
  secretMask,
  type SourceObservation,
} from '@flotilla/reconcile'
import type { JsonObject } from '@flotilla/render'
import type { Shared } from './application-controller.ts'
import { targetsOf } from './observe-application.ts'
import { observeClusters, observeDeliveries } from './observe-host.ts'

export interface ExplainQuestion {
  readonly application: Application
  readonly project: Project
  readonly cluster: string
  readonly namespace: string
  readonly component: string
  /** `web.image.tag`, or `Deployment/web spec.replicas`. */
  readonly path: string
  readonly signal: AbortSignal
}

/**
 * Which layer set a value of a chart, or a field of a rendered object, and what every layer says of it. Errors:
 * `request.not_found`, `input.invalid`, `source.unreachable`, those of the host.
 */
export async function explainApplication(shared: Shared, question: ExplainQuestion): Promise<ExplainAnswer> {
  const { application, path, signal } = question
  const { target, targets } = findTarget(shared, question)
  const index = application.spec.components.findIndex(({ name }) => name === question.component)
  const component = application.spec.components[index]
  if (component === undefined) throw notFound('component', question.component, 'component')
  const { values } = await shared.secrets.read(application.metadata.namespace ?? '', component, index, signal)
  const layers = computeLayers({ spec: application.spec, component, target, targets, valuesFrom: values })
  const ofObject = parseObjectPath(path) !== undefined
  const explanation = ofObject
    ? explainObject({ path, layers, ...(await wantedObjects(shared, application, target, component)) })
    : explainValue({
        path,
        layers,
        ...(await chartValues(shared, application, component, index, mergeLayers(layers), signal)),
      })
  if (explanation === undefined) throw notFound('field', path, 'path')
  return toAnswer(explanation, question)
}

function findTarget(shared: Shared, question: ExplainQuestion): { target: Target; targets: Target[] } {
  const { application, project, cluster, namespace } = question
  const { state, fleet } = shared
  const deliveries = observeDeliveries(state, application.metadata.namespace ?? '', application.metadata.name)
  const clusters = observeClusters(state, fleet, { known: true, value: project }, deliveries)
  if (!clusters.known) throw new FlotillaError('cluster.unreachable', { message: clusters.reason })
  const targets = targetsOf(application, project, clusters.value)
  const target = targets.find((candidate) => targetKey(candidate) === targetKey({ cluster, namespace }))
  if (target === undefined)
    throw new FlotillaError('request.not_found', {
      message: `Application ${application.metadata.name} is not wanted in ${cluster}/${namespace}`,
      remedy:
        targets.length === 0
          ? 'Its placement matches no target'
          : `Name one of ${targets.slice(0, 10).map(targetKey).join(', ')}`,
      field: 'cluster',
      value: cluster,
    })
  return { target, targets }
}

async function chartValues(
  shared: Shared,
  application: Application,
  component: Component,
  index: number,
  merged: Record<string, unknown>,
  signal: AbortSignal,
) {
  if (component.helm === undefined)
    throw new FlotillaError('input.invalid', {
      message: `Component ${component.name} is no chart, so it has no values`,
      remedy: 'Name a field of an object, such as "Deployment/web spec.replicas"',
      field: 'path',
    })
  const { uid = '', namespace = '' } = application.metadata
  const latest = await shared.revisions.latest(uid)
  const question = { applicationUid: uid, namespace, component, index }
  const seen: SourceObservation = await shared.sourceMemory.observe(question, latest.known ? latest.value : undefined)
  const source = seen.state === 'resolved' ? await shared.sources.get('helm', seen.source.digest) : undefined
  if (source === undefined)
    throw new FlotillaError('source.unreachable', {
      message: seen.state === 'failed' ? seen.failure.message : `The chart of ${component.name} was not read yet`,
    })
  // values come from JSON of the API server and from YAML: they hold nothing else
  const effective = await shared.renderer.computeChartValues(source, merged as JsonObject, signal)
  const chartDefaults = await shared.renderer.computeChartValues(source, {}, signal)
  return { chartDefaults, effective }
}

async function wantedObjects(shared: Shared, application: Application, target: Target, component: Component) {
  const found = observeDeliveries(shared.state, application.metadata.namespace ?? '', application.metadata.name)
  const delivery = found.known
    ? found.value.find(({ spec }) => targetKey(spec.target) === targetKey(target))
    : undefined
  const digest = delivery?.spec.desired?.components.find(({ name }) => name === component.name)?.digest
  const set = digest === undefined ? undefined : await shared.sets.get(digest)
  if (set === undefined)
    throw new FlotillaError('request.not_found', {
      message: `Nothing was rendered of ${component.name} for ${target.cluster} yet`,
    })
  const objects = [...set.crds, ...set.objects, ...set.hooks.map(({ object }) => object)]
  return { objects, standby: delivery?.spec.standby }
}

function toAnswer(explanation: Explanation, question: ExplainQuestion): ExplainAnswer {
  const { path, set, value, masked, layers } = explanation
  return {
    component: question.component,
    cluster: question.cluster,
    namespace: question.namespace,
    path,
    set,
    ...(masked ? { value: secretMask } : set ? { value } : {}),
    layers: layers.map(
      ({ kind, layer, set: says, wins, masked: hidden, value: said }): ExplainAnswer['layers'][number] => ({
        layer: kind,
        name: layer,
        says,
        wins,
        value: hidden ? secretMask : said,
      }),
    ),
  }
}

const notFound = (what: string, value: string, field: string): FlotillaError =>
  new FlotillaError('request.not_found', { message: `There is no ${what} ${value}`, field, value })
