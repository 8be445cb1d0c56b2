import { failpoint } from '@flotilla/engine'
import type { KubeClient } from '@flotilla/kube'
import {
  annotations,
  Application,
  fieldManager,
  group,
  type KubeObject,
  parseInput,
  userIdentity,
  version,
} from '@flotilla/model'
import { declaredDigest } from '@flotilla/reconcile'
import { personWroteAt } from './writer-of.ts'

/** Who edited what releases contain, by identity, with when last. */
export type Editors = Readonly<Record<string, string>>

/** More than these are not kept; the oldest go. */
const mostEditors = 200

/**
 * Who edited an application through Flotilla, as its status says. Whom the annotation names is one of them even where nobody noted
 * it: it stands there since before editors were noted, or it was written under our field manager, but past us.
 */
export function editorsOf(live: KubeObject): Editors {
  const noted = parseInput(Application, live).status?.editors ?? {}
  const last = live.metadata.annotations?.[annotations.changedBy]
  const wrote = personWroteAt(live)
  if (last?.startsWith(userIdentity('')) !== true) return noted
  const known = noted[last]
  if (known !== undefined && (wrote === undefined || Date.parse(known) >= wrote)) return noted
  return { ...noted, [last]: wrote === undefined ? '' : new Date(wrote).toISOString() }
}

/** Whether a write changes anything that goes into a release: pausing, say, does not, nor does what is there already. */
export function isEdit(before: KubeObject, after: KubeObject): boolean {
  return declaredDigest(parseInput(Application, before).spec) !== declaredDigest(parseInput(Application, after).spec)
}

export interface Edit {
  /** The application as it was read before. */
  readonly before: KubeObject
  /** Who edits it now; undefined: somebody who changes nothing of what goes into a release. */
  readonly by: string | undefined
  /** RFC 3339. */
  readonly at: string
}

/**
 * Notes in the status who edits an application, before it is written and again after it: a release that is frozen in between has both.
 * Whoever the annotation named so far is noted, too, as the next writer takes their place there.
 * @returns the application as it is then; undefined where nothing was to be noted
 */
export async function noteEditor(
  host: KubeClient,
  { before, by, at }: Edit,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  const { metadata, status } = parseInput(Application, before)
  const known = status?.editors ?? {}
  const fresh = { ...editorsOf(before), ...(by === undefined ? {} : { [by]: at }) }
  const changed = Object.entries(fresh).filter(([who, when]) => known[who] !== when)
  if (changed.length === 0) return undefined
  const oldest = Object.entries({ ...known, ...fresh })
    .toSorted(([, a], [, b]) => (a < b ? 1 : -1))
    .slice(mostEditors)
    .map(([who]) => [who, null] as const)
  const noted = await host.patch(
    { group, version, kind: 'Application', namespace: metadata.namespace, name: metadata.name },
    { type: 'merge', body: { status: { editors: Object.fromEntries([...changed, ...oldest]) } } },
    { subresource: 'status', fieldManager, signal },
  )
  failpoint('application-editor-noted')
  return noted
}

/** Those who edited it since another state of it: their last edit is not in that. */
export const editedSince = (editors: Editors, then: Editors | undefined): string[] =>
  Object.entries(editors)
    .filter(([who, when]) => then?.[who] !== when)
    .map(([who]) => who)
    .toSorted()
