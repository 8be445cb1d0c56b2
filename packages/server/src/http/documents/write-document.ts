import type { ApplyAnswer } from '@flotilla/api'
import {
  annotations,
  asFlotillaError,
  FlotillaError,
  group,
  kinds,
  type KubeObject,
  parseApiVersion,
  projectNamespace,
  refOf,
} from '@flotilla/model'
import { z } from 'zod'
import type { Caller } from '../handler.ts'

export interface WriteMode {
  readonly mode: 'apply' | 'create' | 'replace'
  readonly dryRun: boolean
  readonly force: boolean
  readonly project?: string | undefined
  /** Of the one document that is replaced; it wins over what the text says. */
  readonly resourceVersion?: string | undefined
}

/** Field manager of documents that people apply; the same from console and command line, so that each can take back what the other set. */
export const applyManager = 'flotilla-apply'

const Document = z.looseObject({
  apiVersion: z.string().min(1).max(253),
  kind: z.string().min(1).max(63),
  metadata: z.looseObject({ name: z.string().min(1).max(253), namespace: z.string().max(63).optional() }),
})

type Outcome = ApplyAnswer['items'][number]

/** Writes one document as the person. What the API server refuses is the outcome of this document, not of the whole. */
export async function writeDocument(
  document: { readonly number: number; readonly value: unknown },
  mode: WriteMode,
  caller: Caller,
  signal: AbortSignal,
): Promise<Outcome> {
  let object: KubeObject
  try {
    object = withAuthor(await placeDocument(document, mode, caller, signal), caller)
  } catch (thrown) {
    signal.throwIfAborted()
    return failed(
      { group: '', version: '', kind: 'Document', namespace: '', name: `number ${document.number}` },
      thrown,
    )
  }
  const ref = refOf(object)
  try {
    const before = await caller.host.find(ref, { signal })
    const after = await write(object, mode, caller, signal)
    const outcome =
      before === undefined
        ? 'created'
        : before.metadata.resourceVersion === after.metadata.resourceVersion || sameContent(before, after)
          ? 'unchanged'
          : 'changed'
    return { ref: refOf(after), outcome, object: withoutManagedFields(after) }
  } catch (thrown) {
    signal.throwIfAborted()
    return failed(ref, thrown)
  }
}

async function write(
  object: KubeObject,
  { mode, dryRun, force, resourceVersion }: WriteMode,
  caller: Caller,
  signal: AbortSignal,
): Promise<KubeObject> {
  const options = { fieldManager: applyManager, fieldValidation: 'Strict', dryRun, signal } as const
  switch (mode) {
    case 'apply': {
      // read back from a cluster, a document may hold what a server-side apply must not
      const { resourceVersion: _version, managedFields: _managed, ...metadata } = object.metadata
      const { status: _status, ...rest } = object
      return await caller.host.apply({ ...rest, metadata }, { ...options, force })
    }
    case 'create':
      return await caller.host.create(object, options)
    case 'replace':
      if (resourceVersion === undefined) return await caller.host.update(object, options)
      return await caller.host.update({ ...object, metadata: { ...object.metadata, resourceVersion } }, options)
    default:
      return mode satisfies never
  }
}

/** A document with its namespace: where it names none and its kind needs one, that of the project. */
async function placeDocument(
  { number, value }: { readonly number: number; readonly value: unknown },
  { project }: WriteMode,
  caller: Caller,
  signal: AbortSignal,
): Promise<KubeObject> {
  const parsed = Document.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new FlotillaError('input.invalid', {
      message: `Document ${number}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is no object'}`,
      field: issue?.path.join('.'),
      remedy: 'A document needs apiVersion, kind and metadata.name',
    })
  }
  // parsed above: the rest of its metadata is for the API server to judge
  const object = parsed.data as KubeObject
  if (object.metadata.namespace !== undefined) return object
  const { group: of, version } = parseApiVersion(object.apiVersion)
  const ours = of === group ? kinds.find(({ kind }) => kind === object.kind) : undefined
  const namespaced =
    ours === undefined
      ? (await caller.host.discovery.resolveKind({ group: of, version, kind: object.kind }, { signal })).namespaced
      : ours.scope === 'Namespaced'
  if (!namespaced) return object
  if (project === undefined)
    throw new FlotillaError('input.invalid', {
      message: `Document ${number}: ${object.kind} ${object.metadata.name} needs a namespace`,
      field: 'metadata.namespace',
      remedy: 'Write metadata.namespace, or name a project (-n)',
    })
  return { ...object, metadata: { ...object.metadata, namespace: projectNamespace(project) } }
}

/** The history of an application says who; a field manager cannot, since it is the same for everybody. */
function withAuthor(object: KubeObject, { identity }: Caller): KubeObject {
  if (object.kind !== 'Application' || parseApiVersion(object.apiVersion).group !== group) return object
  const { metadata } = object
  return {
    ...object,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [annotations.changedBy]: identity.user } },
  }
}

function sameContent(before: KubeObject, after: KubeObject): boolean {
  const content = (object: KubeObject) =>
    JSON.stringify([object['spec'], object['data'], object.metadata.labels, byOthers(object.metadata.annotations)])
  return before.metadata.generation === after.metadata.generation && content(before) === content(after)
}

function byOthers(given: Record<string, string> | undefined): Record<string, string> {
  const { [annotations.changedBy]: _author, ...rest } = given ?? {}
  return rest
}

function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields: _managed, ...metadata } = object.metadata
  // what was sent may be a Secret; its values need not come back
  const { data: _data, stringData: _text, ...rest } = object
  return object.kind === 'Secret' ? { ...rest, metadata } : { ...object, metadata }
}

function failed(ref: Outcome['ref'], thrown: unknown): Outcome {
  const error = asFlotillaError(thrown)
  if (error.code === 'internal') throw error
  return { ref, outcome: 'failed', error: error.toJSON() }
}
