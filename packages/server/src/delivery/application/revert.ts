import type { Identity, KubeClient } from '@flotilla/kube'
import {
  annotations,
  Application,
  type ApplicationSpec,
  FlotillaError,
  group,
  type KubeObject,
  parseInput,
  revertGroup,
  type ResolvedSource,
  version,
  isRecord,
  sameJson,
} from '@flotilla/model'
import { canonicalDigest } from '@flotilla/reconcile'
import type { Revision, RevisionStore } from '../../store/store.ts'
import { updateUnlessChanged } from '../update-unless-changed.ts'
import { noteEditor } from './note-editor.ts'
import { pinComponent } from './source-spec.ts'

/** On an Application: the revision that a person went back to, for the history. */
export const revertedAnnotation = `${group}/reverted-to`

export interface RevertQuestion {
  readonly application: Application
  readonly revision: number
  readonly by: Identity
  readonly signal: AbortSignal
}

/**
 * Wants again what an earlier revision wanted, written as the person. What could move is pinned to what it was then;
 * how the application is run (paused, pace, polling) stays. Errors: `request.not_found`, `kube.conflict`, `kube.forbidden`.
 */
export async function revertApplication(
  {
    host,
    revisions,
    now,
  }: { readonly host: KubeClient; readonly revisions: RevisionStore; readonly now: () => string },
  { application, revision, by, signal }: RevertQuestion,
): Promise<Application> {
  const { name, namespace, uid = '' } = application.metadata
  const then = await revisions.get(uid, revision)
  if (then === undefined)
    throw new FlotillaError('request.not_found', {
      message: `Application ${name} has no revision ${revision}`,
      remedy: 'See its history for those that there are',
      field: 'revision',
      value: String(revision),
    })
  // an operator may not edit; what the server kept is no edit of theirs, and who wrote it stays the person
  const client = host.as({ ...by, groups: [...by.groups, revertGroup] })
  const live = await client.get({ group, version, kind: 'Application', namespace, name }, { signal })
  if (live.metadata.uid !== uid)
    throw new FlotillaError('request.conflict', { message: `Application ${name} was made anew meanwhile` })
  const wanted = (object: KubeObject) => pinRevision(then, parseInput(Application, object))
  const current = parseInput(Application, live)
  if (sameJson(current.spec, wanted(live).spec)) return current
  const change = (object: KubeObject): KubeObject => {
    const { spec, pinned } = wanted(object)
    const note = JSON.stringify({ revision, spec: canonicalDigest(spec), pinned })
    const changed = { [revertedAnnotation]: note, [annotations.changedBy]: by.user }
    return {
      ...object,
      metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...changed } },
      spec,
    }
  }
  await noteEditor(host, { before: live, by: by.user, at: now() }, signal)
  const written = await updateUnlessChanged(client, live, change, signal)
  await noteEditor(host, { before: written, by: by.user, at: now() }, signal)
  return parseInput(Application, written)
}

/** The specification of a revision with what moved since nailed down, and which components that took. */
export function pinRevision(
  then: Revision,
  { metadata, spec: now }: Pick<Application, 'metadata' | 'spec'>,
): { spec: ApplicationSpec; pinned: string[] } {
  const pinned: string[] = []
  const components = then.spec.components.map((component) => {
    const source = then.sources.find((resolved) => resolved.component === component.name)
    const nailed = pinComponent(component, source?.pinned, source?.version)
    if (!sameJson(nailed, component)) pinned.push(describePin(source, component.name))
    return nailed
  })
  const { paused, pollSeconds, maxConcurrency, revisionHistoryLimit, releaseHistoryLimit } = now
  const {
    revisionHistoryLimit: _limit,
    releaseHistoryLimit: _releases,
    standby: _standby,
    move: _move,
    ...wanted
  } = then.spec
  const kept = {
    ...(revisionHistoryLimit === undefined ? {} : { revisionHistoryLimit }),
    ...(releaseHistoryLimit === undefined ? {} : { releaseHistoryLimit }),
  }
  // what has moved since would come back without being drained: only another move brings it back
  const moved = now.move !== undefined || Number(metadata.annotations?.[annotations.moved] ?? 0) >= then.revision
  const place = {
    placement: moved ? now.placement : wanted.placement,
    ...(now.standby === undefined ? {} : { standby: now.standby }),
    ...(now.move === undefined ? {} : { move: now.move }),
  }
  return { spec: { ...wanted, ...place, components, paused, pollSeconds, maxConcurrency, ...kept }, pinned }
}

const describePin = (source: ResolvedSource | undefined, component: string): string =>
  `${component} pinned to ${source?.version ?? source?.digest.slice(0, 19) ?? 'what it was'}`

/** What the history says of a spec that came about by a revert; undefined when it did not, or was edited since. */
export function describeRevert(application: Application): string | undefined {
  const text = application.metadata.annotations?.[revertedAnnotation]
  if (text === undefined) return undefined
  try {
    const note: unknown = JSON.parse(text)
    if (!isRecord(note) || note['spec'] !== canonicalDigest(application.spec)) return undefined
    const pinned = Array.isArray(note['pinned']) ? note['pinned'].map(String) : []
    return [`back to revision ${Number(note['revision'])}`, ...pinned].join('; ').slice(0, 500)
  } catch {
    return undefined
  }
}
