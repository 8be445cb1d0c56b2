import type { Identity } from '@flotilla/kube'
import {
  annotations,
  apiVersion,
  Application,
  FlotillaError,
  group,
  type KubeObject,
  parseInput,
  projectNamespace,
} from '@flotilla/model'
import { mergeValues } from '@flotilla/reconcile'
import { adoptAnnotation } from '../dry-run-objects.ts'
import type { AdoptDeps, AdoptQuestion, Taken } from './adopt-deps.ts'

/** What an adoption notes on its Application. */
export const adoptionNotes = (cluster: string, by: Identity) => ({
  [adoptAnnotation]: cluster,
  [annotations.changedBy]: by.user,
})

/** A new Application for this cluster alone, or a further component of one that is nowhere else. */
export async function composeApplication(
  { fleet }: AdoptDeps,
  { project, request, by, signal }: AdoptQuestion,
  taken: Taken,
): Promise<Application> {
  const { application: name, cluster } = request
  const namespace = projectNamespace(project.metadata.name)
  const existing = await fleet.host.as(by).find({ group, kind: 'Application', namespace, name }, { signal })
  const own = adoptionNotes(cluster, by)
  if (existing === undefined) {
    const spec = { components: [taken.component], placement: { clusters: { names: [cluster] } } }
    return parseInput(Application, {
      apiVersion,
      kind: 'Application',
      metadata: { name, namespace, annotations: own },
      spec,
    })
  }
  const before = parseInput(Application, existing)
  const names = before.spec.placement.clusters?.names ?? []
  if (names.length !== 1 || names[0] !== cluster) {
    throw new FlotillaError('request.conflict', {
      message: `Application ${name} is delivered to other clusters than ${cluster} as well`,
      field: 'application',
      remedy: 'Take it over as an application of its own',
    })
  }
  if (before.spec.components.some((component) => component.name === taken.component.name)) {
    throw new FlotillaError('request.conflict', {
      message: `Application ${name} has a component ${taken.component.name} already`,
      field: 'component',
      remedy: 'Name another component',
    })
  }
  const metadata = { ...before.metadata, annotations: { ...before.metadata.annotations, ...own } }
  const spec = { ...before.spec, components: [...before.spec.components, taken.component] }
  return parseInput(Application, { apiVersion, kind: 'Application', metadata, spec })
}

type ComponentOf = Application['spec']['components'][number]

function changeComponent(
  application: Application,
  name: string,
  change: (component: ComponentOf) => ComponentOf,
): Application {
  const components = application.spec.components.map((component) =>
    component.name === name ? change(component) : component,
  )
  return { ...application, spec: { ...application.spec, components } }
}

export const withValues = (application: Application, { component, secretValues }: Taken): Application =>
  Object.keys(secretValues).length === 0
    ? application
    : changeComponent(application, component.name, (one) => ({
        ...one,
        values: mergeValues(secretValues, one.values ?? {}),
      }))

export const withSecret = (application: Application, { component }: Taken, secretName: string): Application =>
  changeComponent(application, component.name, (one) => ({
    ...one,
    valuesFrom: [{ secretName, key: 'values.yaml', optional: false }],
  }))

/** As it is written: the API server's own fields are left to it. */
export function documentOf({ metadata, spec }: Application): KubeObject {
  const { name, namespace, annotations: own, labels, resourceVersion, uid } = metadata
  const defined = Object.entries({ namespace, annotations: own, labels, resourceVersion, uid }).filter(
    ([, value]) => value !== undefined,
  )
  return { apiVersion, kind: 'Application', metadata: { name, ...Object.fromEntries(defined) }, spec }
}
