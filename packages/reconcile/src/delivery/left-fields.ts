import { fieldManager, type KubeObject, type ManagedFields, isRecord, parseApiVersion, sameJson } from '@flotilla/model'
import { keepStill } from './standby.ts'
import type { PreparedObject } from './types.ts'

/** A tree of `fieldsV1` (structured-merge-diff): `f:name`, `k:{...}`, `v:...`, and `.` for the thing itself. */
type FieldTree = Readonly<Record<string, unknown>>

/**
 * Fields of an object that are left to others: the number of replicas where an autoscaler sets it through the scale
 * subresource, and whatever the listed managers own. `kubectl scale` is a person's change, not an autoscaler.
 */
export function computeLeftFields(live: KubeObject, leaveTo: readonly string[]): FieldTree[] {
  const trees: FieldTree[] = []
  for (const entry of live.metadata.managedFields ?? []) {
    const { manager = '', fieldsV1 } = entry
    if (fieldsV1 === undefined || manager === fieldManager) continue
    if (leaveTo.includes(manager)) trees.push(fieldsV1)
    else if (isAutoscaler(entry)) trees.push({ 'f:spec': { 'f:replicas': {} } })
  }
  return trees
}

/** Whether an autoscaler sets `spec.replicas`. */
export function isScaledByOther(live: KubeObject): boolean {
  return (live.metadata.managedFields ?? []).some(isAutoscaler)
}

/** What of an object is ours to send, over the one that is there, and whether an autoscaler sets its replicas. */
export function stripFields(
  { object, leaveTo, still }: Pick<PreparedObject, 'object' | 'leaveTo' | 'still'>,
  live: KubeObject,
): { readonly object: KubeObject; readonly scaled: boolean } {
  const stripped = keepStill(dropFields(object, computeLeftFields(live, leaveTo)), still)
  return { object: stripped, scaled: still === undefined && isScaledByOther(live) }
}

/** Whether a HorizontalPodAutoscaler of Kubernetes itself set the number of replicas at some time. */
export function wasAutoscaled(live: KubeObject): boolean {
  return (live.metadata.managedFields ?? []).some(isPodAutoscaler)
}

/**
 * The object without the mark of a HorizontalPodAutoscaler that is gone: the mark outlives it, and the number of replicas
 * would be nobody's.
 * @param autoscalers those of the object's namespace
 */
export function withoutGoneAutoscaler(live: KubeObject, autoscalers: readonly KubeObject[]): KubeObject {
  const group = parseApiVersion(live.apiVersion).group
  const scales = ({ metadata: { deletionTimestamp }, spec }: KubeObject): boolean => {
    const target = isRecord(spec) ? spec['scaleTargetRef'] : undefined
    if (deletionTimestamp !== undefined || !isRecord(target)) return false
    const { apiVersion, kind, name } = target
    const sameGroup = typeof apiVersion !== 'string' || parseApiVersion(apiVersion).group === group
    return sameGroup && kind === live.kind && name === live.metadata.name
  }
  if (autoscalers.some(scales)) return live
  const managedFields = (live.metadata.managedFields ?? []).filter((entry) => !isPodAutoscaler(entry))
  return { ...live, metadata: { ...live.metadata, managedFields } }
}

const isPodAutoscaler = (entry: ManagedFields): boolean =>
  entry.manager === 'kube-controller-manager' && isAutoscaler(entry)

function isAutoscaler({ manager = '', subresource, fieldsV1 }: ManagedFields): boolean {
  if (subresource !== 'scale' || manager === fieldManager || manager.startsWith('kubectl')) return false
  const spec = fieldsV1?.['f:spec']
  return isRecord(spec) && Object.hasOwn(spec, 'f:replicas')
}

/** Managers whose fields are taken over with an object that is adopted, or that a person wants back from plain helm. */
const replaced = new Set([
  'helm',
  'kubectl',
  'kubectl-client-side-apply',
  'kubectl-create',
  'kubectl-edit',
  'kubectl-patch',
  'kubectl-replace',
])

/**
 * The managed fields with what helm and kubectl own counted as ours. Without that, a field that is left out of what is
 * applied later would stay, as theirs. Undefined when there is nothing of theirs.
 */
export function computeTakeover(entries: readonly ManagedFields[], apiVersion: string): ManagedFields[] | undefined {
  const isTheirs = ({ manager = '', subresource = '' }: ManagedFields): boolean =>
    subresource === '' && replaced.has(manager)
  const isOurs = ({ manager, operation, subresource = '' }: ManagedFields): boolean =>
    manager === fieldManager && operation === 'Apply' && subresource === ''
  const theirs = entries.filter(isTheirs)
  if (theirs.length === 0) return undefined
  const ours = entries.find(isOurs)
  const fieldsV1 = [...theirs, ...(ours === undefined ? [] : [ours])].reduce<FieldTree>(
    (all, entry) => mergeTrees(all, entry.fieldsV1 ?? {}),
    {},
  )
  const others = entries.filter((entry) => !isTheirs(entry) && entry !== ours)
  return [...others, { manager: fieldManager, operation: 'Apply', apiVersion, fieldsType: 'FieldsV1', fieldsV1 }]
}

function mergeTrees(a: FieldTree, b: FieldTree): FieldTree {
  const merged = new Map(Object.entries(a))
  for (const [step, below] of Object.entries(b)) {
    const before = merged.get(step)
    merged.set(step, isRecord(before) && isRecord(below) ? mergeTrees(before, below) : below)
  }
  return Object.fromEntries(merged)
}

/** The object without the fields of the trees. What identifies it, and its labels of ours, always stay. */
export function dropFields(object: KubeObject, trees: readonly FieldTree[]): KubeObject {
  if (trees.length === 0) return object
  const { apiVersion, kind, metadata, ...content } = structuredClone(object)
  const body: Record<string, unknown> = content
  const { name, namespace, labels, annotations, ...otherMeta } = metadata
  const named: Record<string, unknown> = { annotations: { ...annotations } }
  for (const tree of trees) {
    drop(body, tree)
    const meta = tree['f:metadata']
    if (isRecord(meta)) drop(named, meta)
  }
  const left = named['annotations']
  const kept = Object.entries(annotations ?? {}).filter(([key]) => isRecord(left) && Object.hasOwn(left, key))
  return {
    ...body,
    apiVersion,
    kind,
    metadata: {
      ...otherMeta,
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(kept.length === 0 ? {} : { annotations: Object.fromEntries(kept) }),
    },
  }
}

function drop(value: unknown, tree: FieldTree): void {
  for (const [step, below] of Object.entries(tree)) {
    if (!isRecord(below)) continue
    if (step.startsWith('f:')) dropField(value, step.slice(2), below)
    else if (step.startsWith('k:')) dropItem(value, parse(step.slice(2)), below)
    else if (step.startsWith('v:')) dropValue(value, parse(step.slice(2)))
  }
}

function dropField(value: unknown, name: string, below: FieldTree): void {
  if (!isRecord(value) || !Object.hasOwn(value, name)) return
  if (isLeaf(below)) delete value[name]
  else drop(value[name], below)
}

function dropItem(list: unknown, key: unknown, below: FieldTree): void {
  if (!Array.isArray(list) || !isRecord(key)) return
  const at = list.findIndex(
    (item) => isRecord(item) && Object.entries(key).every(([name, value]) => sameJson(item[name], value)),
  )
  const item: unknown = list[at]
  if (!isRecord(item)) return
  // an item is known by its keys: without them it would be another one
  const rest = Object.entries(below).filter(([step]) => !(step.startsWith('f:') && Object.hasOwn(key, step.slice(2))))
  drop(item, Object.fromEntries(rest))
  if (Object.keys(item).every((name) => Object.hasOwn(key, name))) list.splice(at, 1)
}

function dropValue(list: unknown, value: unknown): void {
  if (!Array.isArray(list)) return
  const at = list.findIndex((item) => sameJson(item, value))
  if (at >= 0) list.splice(at, 1)
}

const isLeaf = (tree: FieldTree): boolean => Object.keys(tree).every((step) => step === '.')

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
