import type { KindView } from '@flotilla/api'
import {
  type AnyKind,
  apiVersion,
  asFlotillaError,
  FlotillaError,
  group,
  kinds,
  type KubeObject,
  projectNamespace,
  workspaceNamespace,
} from '@flotilla/model'
import { z } from 'zod'
import type { Caller, Services, SomeHandlers } from '../handler.ts'
import type { DocumentReader } from '../yaml/document-reader.ts'
import { noteEditor } from '../../delivery/application/note-editor.ts'
import type { NoteEditor } from '../documents/write-document.ts'
import { writeDocuments } from '../documents/write-documents.ts'
import { removeObject } from '../documents/remove-object.ts'

export function documentHandlers(
  services: Services,
  documents: DocumentReader,
): SomeHandlers<'kinds'> & SomeHandlers<'schemas'> & SomeHandlers<'documents'> {
  return {
    'kinds.describe': async () => ({ items: kinds.map(kindView) }),
    'schemas.get': async ({ params }) => schemaOf(findKind(params.kind)),
    'kinds.list': async ({ params, query, caller, exchange }) => {
      const kind = findKind(params.kind)
      const namespace = namespaceOf(kind, query)
      const { items, next } = await listAsPerson(services, caller, kind, namespace, query, exchange.signal)
      return { kind: kindView(kind), items, ...(next === undefined ? {} : { continue: next }) }
    },
    'kinds.get': async ({ params, query, caller, exchange }) => {
      const kind = findKind(params.kind)
      const key = { group, kind: kind.kind, name: params.name, namespace: neededNamespace(kind, query) }
      return shown(await caller.host.get(key, { signal: exchange.signal }))
    },
    'kinds.remove': ({ params, query, caller, exchange }) => {
      const kind = findKind(params.kind)
      const { signal } = exchange
      return removeObject(services, {
        kind,
        name: params.name,
        namespace: neededNamespace(kind, query),
        objects: query.objects,
        caller,
        signal,
      })
    },
    'documents.apply': async ({ body, caller, exchange }) => {
      const read = await documents.read(body.documents, 'documents')
      if (body.resourceVersion !== undefined && (body.mode !== 'replace' || read.length !== 1))
        throw new FlotillaError('input.invalid', {
          message: 'A resourceVersion is of one document that is replaced',
          field: 'resourceVersion',
          remedy: 'Send this document by itself, with mode replace',
        })
      const { fleet, clock } = services.deps
      const note: NoteEditor = (before, by, signal) =>
        noteEditor(fleet.host, { before, by, at: new Date(clock.now()).toISOString() }, signal)
      const items = await writeDocuments(read, body, caller, note, exchange.signal)
      return { items, failed: items.filter((item) => item.outcome === 'failed').length }
    },
  }
}

/** By kind, plural, singular or short name, in any case. */
export function findKind(name: string): AnyKind {
  const wanted = name.toLowerCase()
  const found = kinds.find(
    (kind) =>
      kind.kind.toLowerCase() === wanted ||
      kind.plural === wanted ||
      kind.singular === wanted ||
      kind.shortNames.includes(wanted),
  )
  if (found !== undefined) return found
  throw new FlotillaError('request.not_found', {
    message: `${name} is no kind of Flotilla`,
    field: 'kind',
    value: name,
    remedy: `One of ${kinds.map((kind) => kind.kind).join(', ')}`,
  })
}

function kindView({ kind, plural, singular, shortNames, scope, description, printerColumns }: AnyKind): KindView {
  return {
    kind,
    plural,
    singular,
    shortNames: [...shortNames],
    scope,
    description,
    columns: printerColumns.map(({ name, type, jsonPath }) => ({ name, type, jsonPath })),
  }
}

interface Where {
  readonly project?: string | undefined
  readonly workspace?: string | undefined
  readonly namespace?: string | undefined
}

function namespaceOf(kind: AnyKind, where: Where): string | undefined {
  if (kind.scope === 'Cluster') return undefined
  if (where.namespace !== undefined) return where.namespace
  if (where.project !== undefined) return projectNamespace(where.project)
  return where.workspace === undefined ? undefined : workspaceNamespace(where.workspace)
}

function neededNamespace(kind: AnyKind, where: Where): string {
  const namespace = namespaceOf(kind, where)
  if (namespace !== undefined || kind.scope === 'Cluster') return namespace ?? ''
  throw new FlotillaError('input.invalid', {
    message: `${kind.kind} lives in a namespace: name a project, a workspace or a namespace`,
    field: 'project',
  })
}

interface Listed {
  readonly items: KubeObject[]
  readonly next: string | undefined
}

async function listAsPerson(
  services: Services,
  caller: Caller,
  kind: AnyKind,
  namespace: string | undefined,
  page: { readonly limit: number; readonly continue?: string | undefined },
  signal: AbortSignal,
): Promise<Listed> {
  try {
    return await listPage(caller, kind, namespace, page, signal)
  } catch (thrown) {
    const error = asFlotillaError(thrown)
    if (error.code !== 'kube.forbidden' || namespace !== undefined || kind.scope === 'Cluster') throw error
    // not everywhere: then in each namespace where they may
    const all = services.deps.state.workspaces.list().map((one) => workspaceNamespace(one.metadata.name))
    for (const project of services.deps.state.projects.list()) all.push(projectNamespace(project.metadata.name))
    const seen = await services.visibility.among(caller.identity, kind.plural, all, signal)
    if (seen.size === 0) throw error
    const items: KubeObject[] = []
    for (const one of seen) items.push(...(await listPage(caller, kind, one, { limit: 500 }, signal)).items)
    return { items, next: undefined }
  }
}

async function listPage(
  caller: Caller,
  kind: AnyKind,
  namespace: string | undefined,
  page: { readonly limit: number; readonly continue?: string | undefined },
  signal: AbortSignal,
): Promise<Listed> {
  const within = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`
  const { body } = await caller.host.request<KubeObject & { items?: KubeObject[] }>({
    method: 'GET',
    path: `/apis/${apiVersion}${within}/${kind.plural}`,
    query: { limit: page.limit, continue: page.continue },
    signal,
  })
  const next = 'continue' in body.metadata ? String(body.metadata.continue) : ''
  const items = (body.items ?? []).map((item) => shown({ ...item, apiVersion, kind: kind.kind }))
  return { items, next: next === '' ? undefined : next }
}

/** As people read it: without the bookkeeping of field managers. */
function shown(object: KubeObject): KubeObject {
  const { managedFields: _managed, ...metadata } = object.metadata
  return { ...object, metadata }
}

const schemas = new Map<string, { $schema: string; title: string; [key: string]: unknown }>()

/** What a person writes of a kind, as JSON schema: no status, and no unknown fields beside the known ones. */
function schemaOf(kind: AnyKind): { $schema: string; title: string; [key: string]: unknown } {
  const cached = schemas.get(kind.kind)
  if (cached !== undefined) return cached
  const { $schema: _, ...spec } = z.toJSONSchema(kind.spec, { io: 'input', unrepresentable: 'any', reused: 'inline' })
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: kind.kind,
    description: kind.description,
    type: 'object',
    required: ['apiVersion', 'kind', 'metadata', 'spec'],
    properties: {
      apiVersion: { const: apiVersion },
      kind: { const: kind.kind },
      metadata: {
        type: 'object',
        required: ['name'],
        properties: {
          name: { type: 'string' },
          ...(kind.scope === 'Namespaced' ? { namespace: { type: 'string' } } : {}),
          labels: { type: 'object', additionalProperties: { type: 'string' } },
          annotations: { type: 'object', additionalProperties: { type: 'string' } },
        },
      },
      spec,
    },
  }
  schemas.set(kind.kind, schema)
  return schema
}
