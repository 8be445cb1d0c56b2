import { type Application, type Delivery, findCondition, type Project, summariseHealth } from '@flotilla/model'
import { shortVersion } from '@flotilla/model/short-version'
import type { ApplicationDetail, ApplicationRow, MatrixTarget } from '@flotilla/api'
import type { ClusterEntry } from '../../fleet/connections.ts'
import { sentenceOf } from './sentence.ts'
import { componentType, sourceText } from './source-text.ts'
import { cellsOf, targetView } from './target-view.ts'

export interface ApplicationParts {
  readonly application: Application
  readonly project: string
  readonly workspace: string | undefined
  readonly deliveries: readonly Delivery[]
  readonly cluster: (name: string) => ClusterEntry | undefined
}

/** Name of the project that a host namespace belongs to; undefined for another namespace. */
export const projectOfNamespace = (namespace: string): string | undefined =>
  namespace.startsWith('pj-') ? namespace.slice('pj-'.length) : undefined

/** Name of the workspace that a project lives in. */
export const workspaceOfProject = (project: Pick<Project, 'metadata'> | undefined): string | undefined =>
  project?.metadata.namespace?.startsWith('ws-') === true ? project.metadata.namespace.slice('ws-'.length) : undefined

export function applicationRow(parts: ApplicationParts): ApplicationRow {
  const { application, project, workspace } = parts
  const { metadata, spec, status } = application
  const said = saidOf(parts)
  const targets = said.map(({ target }) => target)
  const versions = new Map(
    (status?.sources ?? []).map((source) => [source.component, shortVersion(source.version ?? source.digest)]),
  )
  const lastRevision = findCondition(status?.conditions, 'Ready')?.lastTransitionTime
  return {
    project,
    workspace,
    name: metadata.name,
    uid: metadata.uid ?? '',
    health: summariseHealth(targets.map((target) => target.health)),
    sentence: sentenceOf(application, said),
    components: spec.components.map((component) => ({
      name: component.name,
      source: sourceText(component),
      version: versions.get(component.name),
    })),
    clusters: targets.map(({ cluster, namespace, health }) => ({ cluster, namespace, health })),
    targets: countTargets(targets),
    paused: spec.paused,
    drifted: parts.deliveries.some((delivery) => delivery.status?.drift?.state === 'Drifted'),
    findings: findingsOf(parts).length,
    revision: status?.revision,
    changedAt: newest([
      ...(status?.sources ?? []).map((source) => source.resolvedAt),
      ...parts.deliveries.map((delivery) => delivery.status?.applied?.at),
      lastRevision,
    ]),
    createdAt: metadata.creationTimestamp ?? '',
  }
}

export function applicationDetail(parts: ApplicationParts): ApplicationDetail {
  const { application, project, workspace, deliveries } = parts
  const { metadata, spec, status } = application
  const said = saidOf(parts)
  const versions = new Map((status?.sources ?? []).map((source) => [source.component, source]))
  const known = new Set(spec.components.map((component) => component.name))
  const cells = deliveries.flatMap((delivery) => cellsOf(delivery, parts.cluster(delivery.spec.target.cluster)))
  const leaving = [...new Set(cells.map((cell) => cell.component))].filter((name) => !known.has(name))
  return {
    // the same JSON; the parsed type says undefined where the other says absent
    application: application as ApplicationDetail['application'],
    project,
    workspace,
    name: metadata.name,
    health: summariseHealth(said.map(({ target }) => target.health)),
    sentence: sentenceOf(application, said),
    matrix: {
      targets: said.map(({ target }) => target),
      components: [
        ...spec.components.map((component) => ({
          name: component.name,
          type: componentType(component),
          source: sourceText(component),
          version: shownVersion(versions.get(component.name)?.version),
        })),
        ...leaving.map((name) => ({ name, type: 'manifests' as const, source: 'not wanted any more' })),
      ],
      cells,
    },
    findings: findingsOf(parts),
    waitingFor: said.flatMap(({ target }) =>
      target.waitingFor === undefined
        ? []
        : [{ what: target.waitingFor, since: target.waitingSince, cluster: target.cluster }],
    ),
    paused: spec.paused,
    revision: status?.revision,
    sources: status?.sources ?? [],
  }
}

function saidOf({ deliveries, cluster }: ApplicationParts) {
  return deliveries
    .map((delivery) => ({ delivery, target: targetView(delivery, cluster(delivery.spec.target.cluster)) }))
    .sort((a, b) => compareText(targetOrder(a.target), targetOrder(b.target)))
}

const targetOrder = (target: MatrixTarget): string => `${target.cluster}/${target.namespace}`
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function countTargets(targets: readonly MatrixTarget[]): ApplicationRow['targets'] {
  return {
    total: targets.length,
    current: targets.filter((target) => target.current).length,
    healthy: targets.filter((target) => target.health === 'Healthy').length,
    unknown: targets.filter((target) => target.health === 'Unknown').length,
  }
}

function findingsOf({ application, deliveries }: ApplicationParts): ApplicationDetail['findings'] {
  const ofTargets = deliveries.flatMap((delivery) =>
    (delivery.status?.findings ?? []).map((finding) =>
      Object.assign({ cluster: delivery.spec.target.cluster }, finding),
    ),
  )
  return [...(application.status?.findings ?? []), ...ofTargets]
}

function newest(times: readonly (string | undefined)[]): string | undefined {
  return times
    .filter((time) => time !== undefined)
    .sort()
    .at(-1)
}

const shownVersion = (version: string | undefined): string | undefined =>
  version === undefined ? undefined : shortVersion(version)
