import type { ApplicationRow } from '@flotilla/api'
import type { Contract } from '@flotilla/api/contract'
import {
  annotations,
  Application,
  FlotillaError,
  group,
  type HealthState,
  isRecord,
  parseInput,
  projectNamespace,
  userIdentity,
} from '@flotilla/model'
import type { z } from 'zod'
import type { Revision } from '../../store/store.ts'
import { removeObject } from '../documents/remove-object.ts'
import type { Caller, Services, SomeHandlers } from '../handler.ts'
import { compareText, pageOf } from '../page-of.ts'
import { chooseDeliveries } from '../runtime/fan-out.ts'
import { putUpload } from '../uploads.ts'
import { findProject } from '../views/fleet-index.ts'
import type { DocumentReader } from '../yaml/document-reader.ts'
import { findKind } from './document-handlers.ts'
import { explainComponents } from './explain-components.ts'
import { notFound } from './fleet-handlers.ts'
import type { RuntimeRoute } from './runtime-handlers.ts'

interface Named {
  readonly project: string
  readonly application: string
}

export function applicationHandlers(
  services: Services,
  documents: DocumentReader,
): Omit<SomeHandlers<'applications'>, RuntimeRoute | 'applications.liftHold'> & SomeHandlers<'uploads'> {
  const { deps, index, visibility } = services

  const partsOf = ({ project, application }: Named) => {
    const parts = index.parts(project, application)
    if (parts === undefined) throw notFound('application', application)
    return parts
  }
  const projectOf = (name: string) => {
    const project = findProject(deps.state, name)
    if (project === undefined) throw notFound('project', name)
    return project
  }
  const patch = async (
    named: Named,
    { notes = {}, ...body }: { readonly spec?: { paused: boolean }; readonly notes?: Record<string, string> },
    caller: Caller,
    signal: AbortSignal,
  ) => {
    const before = partsOf(named).application
    const after = await caller.host.patch(
      { group, kind: 'Application', namespace: projectNamespace(named.project), name: named.application },
      {
        type: 'merge',
        body: { ...body, metadata: { annotations: notes } },
      },
      // who pauses it or asks for a sync edits nothing, and whoever did stays the one who changed it last
      { fieldManager: 'operation', signal },
    )
    return {
      ...named,
      generation: after.metadata.generation,
      changed: before.metadata.resourceVersion !== after.metadata.resourceVersion,
      paused: isRecord(after['spec']) && after['spec']['paused'] === true,
    }
  }

  return {
    'applications.list': async ({ query, caller, exchange }) => {
      const rows = index.applicationRows().filter((row) => matchesApplication(row, query))
      const seen = await visibility.among(
        caller.identity,
        'applications',
        rows.map((row) => projectNamespace(row.project)),
        exchange.signal,
      )
      return pageOf(
        rows.filter((row) => seen.has(projectNamespace(row.project))),
        {
          key: (row) => `${row.project}/${row.name}`,
          compare: applicationOrder(query.sort),
          limit: query.limit,
          continue: query.continue,
        },
      )
    },
    'applications.get': async ({ params }) => {
      const detail = index.applicationDetail(params.project, params.application)
      if (detail === undefined) throw notFound('application', params.application)
      return detail
    },
    'applications.remove': async ({ params, query, caller, exchange }) => {
      const { application } = partsOf(params)
      await removeObject(services, {
        kind: findKind('Application'),
        name: params.application,
        namespace: projectNamespace(params.project),
        objects: query.objects,
        caller,
        signal: exchange.signal,
      })
      return { ...params, generation: application.metadata.generation, changed: true }
    },
    'applications.sync': async ({ params, caller, exchange }) => {
      const syncRequest = `${new Date(deps.clock.now()).toISOString()} ${caller.person.name}`
      const notes = { [annotations.syncRequest]: syncRequest }
      return { ...(await patch(params, { notes }, caller, exchange.signal)), syncRequest }
    },
    'applications.resolveHook': async ({ params, body, caller, exchange }) => {
      const { application } = partsOf(params)
      const project = projectOf(params.project)
      const resolved = await deps.delivery.resolveHook({ application, project, request: body, by: caller.identity })
      // what stopped there begins once more
      const syncRequest = `${new Date(deps.clock.now()).toISOString()} ${caller.person.name}`
      await patch(params, { notes: { [annotations.syncRequest]: syncRequest } }, caller, exchange.signal)
      return resolved
    },
    'applications.pause': ({ params, caller, exchange }) =>
      patch(params, { spec: { paused: true } }, caller, exchange.signal),
    'applications.resume': ({ params, caller, exchange }) =>
      patch(params, { spec: { paused: false } }, caller, exchange.signal),
    'applications.revert': async ({ params, body, caller, exchange }) => {
      const { application } = partsOf(params)
      const after = await deps.delivery.revert({
        application,
        revision: body.revision,
        by: caller.identity,
        signal: exchange.signal,
      })
      return {
        ...params,
        generation: after.metadata.generation,
        changed: after.metadata.resourceVersion !== application.metadata.resourceVersion,
      }
    },
    'applications.history': async ({ params, query }) => {
      const { application } = partsOf(params)
      const uid = application.metadata.uid ?? ''
      const found = await deps.store.revisions.list(uid, {
        limit: query.limit + 1,
        ...(query.before === undefined ? {} : { before: query.before }),
      })
      const items = found.slice(0, query.limit).map((revision) => revisionRow(revision, application))
      const last = items.at(-1)
      return { items, ...(found.length > query.limit && last !== undefined ? { before: last.revision } : {}) }
    },
    'applications.revision': async ({ params }) => {
      const { application } = partsOf(params)
      const revision = await deps.store.revisions.get(application.metadata.uid ?? '', params.revision)
      if (revision === undefined) throw notFound('revision', String(params.revision))
      return { ...revisionRow(revision, application), spec: revision.spec }
    },
    'applications.preview': async ({ params, body, caller, exchange }) => {
      const project = projectOf(params.project)
      const read = await documents.read(body.document, 'document')
      const [only] = read
      if (read.length !== 1)
        throw new FlotillaError('input.invalid', {
          message: `One Application is needed, and there are ${read.length} documents`,
          field: 'document',
        })
      const application = parseInput(Application, withNamespace(only, projectNamespace(params.project)))
      return await deps.delivery.preview({
        application,
        project,
        cluster: body.cluster,
        against: body.against,
        by: caller.identity,
        signal: exchange.signal,
      })
    },
    'applications.difference': async ({ params, query, caller, exchange }) => {
      const { deliveries } = partsOf(params)
      return await deps.delivery.difference({
        deliveries: chooseDeliveries(deliveries, query),
        components: query.component,
        by: caller.identity,
        signal: exchange.signal,
      })
    },
    'applications.explain': async ({ params, query, exchange }) => {
      const { application, deliveries } = partsOf(params)
      const project = projectOf(params.project)
      const [delivery] = chooseDeliveries(deliveries, { cluster: [query.cluster], namespace: query.namespace })
      const question = {
        application,
        project,
        cluster: query.cluster,
        namespace: query.namespace ?? delivery?.spec.target.namespace ?? params.project,
        path: query.path,
        signal: exchange.signal,
      }
      return await explainComponents(application, query.component, (component) =>
        deps.delivery.explain({ ...question, component }),
      )
    },
    'applications.adopt': async ({ params, body, caller, exchange }) => {
      const { helmRelease, objects } = body
      if ((helmRelease === undefined) === (objects === undefined))
        throw new FlotillaError('input.invalid', {
          message: 'Either a Helm release or plain objects are taken over',
          field: 'helmRelease',
          remedy: 'Name one of helmRelease and objects',
        })
      return await deps.delivery.adopt({
        project: projectOf(params.project),
        request: body,
        by: caller.identity,
        signal: exchange.signal,
      })
    },
    'uploads.put': ({ params, body }) => putUpload(deps.store.blobs, params.digest, body),
  }

  function revisionRow(revision: Revision, application: Application) {
    const user = deps.state.users.list().find((one) => userIdentity(one.metadata.uid ?? '') === revision.by)
    return {
      revision: revision.revision,
      at: revision.at,
      by: user?.metadata.name ?? (revision.by.startsWith(userIdentity('')) ? 'a person who is gone' : revision.by),
      reason: revision.reason,
      sources: [...revision.sources],
      targets: Object.keys(revision.targets).length,
      current: application.status?.revision === revision.revision,
    }
  }
}

function withNamespace(value: unknown, namespace: string): unknown {
  if (typeof value !== 'object' || value === null || !('metadata' in value)) return value
  const { metadata } = value
  return typeof metadata === 'object' && metadata !== null ? { ...value, metadata: { ...metadata, namespace } } : value
}

type ApplicationQuery = z.output<Contract['applications.list']['query']>

function matchesApplication(row: ApplicationRow, query: ApplicationQuery): boolean {
  if (query.health !== undefined && !query.health.some((wanted) => hasHealth(row, wanted))) return false
  if (query.project !== undefined && !query.project.includes(row.project)) return false
  if (query.workspace !== undefined && !query.workspace.includes(row.workspace ?? '')) return false
  if (query.cluster !== undefined && !row.clusters.some(({ cluster }) => query.cluster?.includes(cluster) === true))
    return false
  const words = (query.q ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return true
  const text = [
    row.name,
    row.project,
    row.workspace ?? '',
    ...row.components.flatMap((component) => [component.name, component.version ?? '']),
  ]
    .join('\n')
    .toLowerCase()
  return words.every((word) => text.includes(word))
}

/** Unknown is beside the others: an application may be healthy as far as is known and unknown in a target. */
function hasHealth(row: ApplicationRow, wanted: string): boolean {
  return row.health.state === wanted || (wanted === 'Unknown' && row.health.unknown > 0)
}

const worstFirst: readonly HealthState[] = [
  'Failed',
  'Degraded',
  'Missing',
  'Progressing',
  'Unknown',
  'Suspended',
  'Healthy',
]

function applicationOrder(sort: ApplicationQuery['sort']): (a: ApplicationRow, b: ApplicationRow) => number {
  const turn = sort.startsWith('-') ? -1 : 1
  switch (sort) {
    case 'name':
    case '-name':
      return (a, b) => turn * compareText(a.name, b.name)
    case 'project':
    case '-project':
      return (a, b) => turn * compareText(a.project, b.project)
    case 'health':
    case '-health':
      return (a, b) => turn * (worstFirst.indexOf(a.health.state) - worstFirst.indexOf(b.health.state))
    case 'changed':
    case '-changed':
      return (a, b) => turn * compareText(a.changedAt ?? '', b.changedAt ?? '')
    default:
      return sort satisfies never
  }
}
