import type { RunRow, WhereRow } from '@flotilla/api'
import { projectNamespace } from '@flotilla/model'
import type { RunRecord } from '../../store/history-store.ts'
import { namesInQuestion, namesOfImage } from '../../store/image-names.ts'
import type { Services, SomeHandlers } from '../handler.ts'
import { projectOfNamespace } from '../views/application-view.ts'
import { findProject } from '../views/fleet-index.ts'

export function historyHandlers({ deps, visibility }: Services): SomeHandlers<'history'> {
  const { state } = deps
  return {
    'history.list': async ({ query, caller, exchange }) => {
      const names = state.projects.list().map(({ metadata }) => metadata.name)
      const asked = names.filter((name) => query.project?.includes(name) !== false)
      const seen = await visibility.among(caller.identity, 'applications', asked.map(projectNamespace), exchange.signal)
      const projectUids = asked
        .filter((name) => seen.has(projectNamespace(name)))
        .flatMap((name) => findProject(state, name)?.metadata.uid ?? [])
      if (projectUids.length === 0) return { items: [] }
      const { application, cluster, component, image, release, at, running } = query
      const page = { limit: query.limit, ...(query.continue === undefined ? {} : { before: query.continue }) }
      const found = await deps.store.history.find(
        { projectUids, application, cluster, component, image, release, at, running },
        page,
      )
      return {
        items: found.items.map(runRow),
        ...(found.next === undefined ? {} : { continue: found.next }),
      }
    },
    'history.where': async ({ query, caller, exchange }) => {
      const matches = imageFilter(query.image)
      const rows = state.deliveries.list().flatMap(({ metadata, spec, status }): WhereRow[] => {
        const project = projectOfNamespace(metadata.namespace ?? '')
        if (project === undefined) return []
        return (status?.components ?? []).flatMap((component) =>
          (component.images ?? []).filter(matches).map((image) => ({
            project,
            application: spec.application.name,
            component: component.name,
            cluster: spec.target.cluster,
            namespace: spec.target.namespace,
            environment: spec.target.environment,
            image,
            version: component.version,
            release: spec.desired?.digest === status?.applied?.digest ? spec.desired?.release : undefined,
            health: component.health,
            unknownSince: status?.unknownSince,
            since: status?.applied?.at,
          })),
        )
      })
      const namespaces = rows.map(({ project }) => projectNamespace(project))
      const seen = await visibility.among(caller.identity, 'applications', namespaces, exchange.signal)
      const visible = rows.filter(({ project }) => seen.has(projectNamespace(project)))
      return {
        items: visible.slice(0, query.limit),
        total: visible.length,
        truncated: visible.length > query.limit,
      }
    },
  }
}

/** As the history looks images up: repository alone, with tag, with digest, or both; a digest alone anywhere. */
function imageFilter(question: string): (image: string) => boolean {
  const wanted = namesInQuestion(question)
  return (image) => {
    const has = namesOfImage(image)
    if (wanted.digest !== '' && wanted.digest !== has.digest) return false
    if (wanted.tagged !== '' && wanted.tagged !== has.tagged) return false
    return wanted.repository === '' || wanted.repository === has.repository
  }
}

function runRow({ deliveryUid: _uid, projectUid: _project, approvedBy, images, ...row }: RunRecord): RunRow {
  return { ...row, approvedBy: [...approvedBy], images: [...images] }
}
