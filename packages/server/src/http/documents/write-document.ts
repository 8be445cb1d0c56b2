import type { ApplyAnswer } from '@flotilla/api'
import {
  annotations,
  asFlotillaError,
  FlotillaError,
  group,
  isRecord,
  kinds,
  type KubeObject,
  parseApiVersion,
  projectNamespace,
  refOf,
  sameJson,
} from '@flotilla/model'
import { z } from 'zod'
import { isEdit } from '../../delivery/application/note-editor.ts'
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
  note: NoteEditor,
  signal: AbortSignal,
): Promise<Outcome> {
  let object: KubeObject
  try {
    object = withAuthor(await placeDocument(document, mode, caller, signal), caller.identity.user)
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
    const after = isApplication(object)
      ? await writeApplication({ before, object, mode, caller, note }, signal)
      : await write(object, mode, caller, signal)
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

/**
 * Notes in an application who edits it; undefined: somebody who changes nothing of what a release contains. Gives the application as it
 * is then, where that was to be noted.
 */
export type NoteEditor = (
  before: KubeObject,
  by: string | undefined,
  signal: AbortSignal,
) => Promise<KubeObject | undefined>

/** Whoever edits what a release contains is noted with it, as they may not approve that; no other is taken for one. */
async function writeApplication(
  { before, object, mode, caller, note }: ApplicationWrite,
  signal: AbortSignal,
): Promise<KubeObject> {
  if (mode.dryRun) return await write(object, mode, caller, signal)
  const by = caller.identity.user
  if (before === undefined || mode.mode === 'create') {
    const made = await write(object, mode, caller, signal)
    await note(made, by, signal)
    return made
  }
  const tried = await write(object, { ...mode, dryRun: true }, caller, signal)
  if (sameJson(wishOf(before), wishOf(tried)))
    return await write(withAuthor(object, before.metadata.annotations?.[annotations.changedBy]), mode, caller, signal)
  const editor = isEdit(before, tried) ? by : undefined
  const noted = await note(before, editor, signal)
  const after = await write(object, versionAfter(mode, object, before, noted), caller, signal)
  if (editor !== undefined) await note(after, editor, signal)
  return after
}

/** What an application is to be; not whether that is delivered now. */
function wishOf({ spec }: KubeObject): unknown {
  const { paused: _paused, hold: _hold, ...wish } = isRecord(spec) ? spec : {}
  return wish
}

/** A replacement names the version that was read; what we noted since is no change of anybody else. */
function versionAfter(
  mode: WriteMode,
  { metadata }: KubeObject,
  before: KubeObject,
  noted: KubeObject | undefined,
): WriteMode {
  const read = mode.resourceVersion ?? metadata.resourceVersion
  if (mode.mode !== 'replace' || read === undefined || noted === undefined) return mode
  const isSame = read === before.metadata.resourceVersion && noted.metadata.generation === before.metadata.generation
  return { ...mode, resourceVersion: isSame ? noted.metadata.resourceVersion : read }
}

interface ApplicationWrite {
  readonly before: KubeObject | undefined
  readonly object: KubeObject
  readonly mode: WriteMode
  readonly caller: Caller
  readonly note: NoteEditor
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
function withAuthor(object: KubeObject, author: string | undefined): KubeObject {
  if (!isApplication(object)) return object
  const { metadata } = object
  const { [annotations.changedBy]: _theirs, ...rest } = metadata.annotations ?? {}
  const ours = author === undefined ? {} : { [annotations.changedBy]: author }
  return { ...object, metadata: { ...metadata, annotations: { ...rest, ...ours } } }
}

const isApplication = ({ kind, apiVersion }: KubeObject): boolean =>
  kind === 'Application' && parseApiVersion(apiVersion).group === group

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
