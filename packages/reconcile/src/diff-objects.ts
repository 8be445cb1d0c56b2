import { type KubeObject, type ObjectRef, refKey, refOf, canonicalJson, isRecord, sameJson } from '@flotilla/model'
import { showSecrets, withoutNoise } from './object-noise.ts'
import { formatPath, type PathStep } from './value-path.ts'

/** One field that differs. `before` or `after` is absent where there is nothing on that side. */
export interface FieldDiff {
  /** `spec.template.spec.containers[name=web].image`: items of lists are named where they have names. */
  readonly path: string
  readonly before?: unknown
  readonly after?: unknown
  /** The values are of a Secret: only that they differ is shown. */
  readonly masked: boolean
}

export interface ObjectDiff {
  readonly ref: ObjectRef
  readonly change: 'added' | 'changed' | 'removed'
  /** At most 200 of them; of an added or removed object there are none. */
  readonly fields: readonly FieldDiff[]
  /** More differ than are listed. */
  readonly truncated: boolean
}

const mostFields = 200
const longestText = 2000

/**
 * What changes from one set of objects to another, by object and field, in the order of `after`, then what went. Noise
 * that clusters add is left out; values of Secrets are never shown. Objects that are equal are not listed.
 */
export function diffObjects(before: readonly KubeObject[], after: readonly KubeObject[]): ObjectDiff[] {
  const old = new Map(before.map((object) => [refKey(refOf(object)), object]))
  const fresh = new Set(after.map((object) => refKey(refOf(object))))
  const diffs: ObjectDiff[] = []
  for (const object of after) {
    const ref = refOf(object)
    const previous = old.get(refKey(ref))
    if (previous === undefined) {
      diffs.push({ ref, change: 'added', fields: [], truncated: false })
      continue
    }
    const fields = diffObject(previous, object)
    if (fields.length === 0) continue
    diffs.push({ ref, change: 'changed', fields: fields.slice(0, mostFields), truncated: fields.length > mostFields })
  }
  for (const object of before) {
    if (fresh.has(refKey(refOf(object)))) continue
    diffs.push({ ref: refOf(object), change: 'removed', fields: [], truncated: false })
  }
  return diffs
}

/** The fields in which one object differs from another. */
export function diffObject(before: KubeObject, after: KubeObject): FieldDiff[] {
  const secret = before.kind === 'Secret' && after.kind === 'Secret'
  const found: FieldDiff[] = []
  walk(withoutNoise(before), withoutNoise(after), [], found)
  return secret ? found.map(mask) : found
}

type Step = PathStep | { readonly key: string; readonly value: string }

function walk(before: unknown, after: unknown, path: readonly Step[], found: FieldDiff[]): void {
  if (before === after || found.length > mostFields) return
  if (isRecord(before) && isRecord(after)) {
    for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort())
      walk(own(before, key), own(after, key), [...path, key], found)
    return
  }
  if (Array.isArray(before) && Array.isArray(after)) return walkLists(before, after, path, found)
  // a field that is null is there, which JSON of an absent one does not tell
  if (before !== undefined && after !== undefined && sameJson(before, after)) return
  found.push({
    path: showPath(path),
    ...(before === undefined ? {} : { before: shorten(before) }),
    ...(after === undefined ? {} : { after: shorten(after) }),
    masked: false,
  })
}

function walkLists(
  before: readonly unknown[],
  after: readonly unknown[],
  path: readonly Step[],
  found: FieldDiff[],
): void {
  const key = identifyingField(before, after)
  if (key === undefined) {
    for (let index = 0; index < Math.max(before.length, after.length); index++)
      walk(before[index], after[index], [...path, index], found)
    return
  }
  const byKey = (items: readonly unknown[]) => new Map(items.map((item) => [String(own(item, key)), item]))
  const old = byKey(before)
  const fresh = byKey(after)
  const start = found.length
  for (const value of new Set([...old.keys(), ...fresh.keys()]))
    walk(old.get(value), fresh.get(value), [...path, { key, value }], found)
  // the same items in another order: containers start, rules match in their order
  if (found.length === start && [...old.keys()].join('\n') !== [...fresh.keys()].join('\n'))
    found.push({ path: `${showPath(path)} (order)`, before: [...old.keys()], after: [...fresh.keys()], masked: false })
}

/** A field by which the items of both lists can be told apart: `name`, or what Kubernetes uses where there is none. */
function identifyingField(before: readonly unknown[], after: readonly unknown[]): string | undefined {
  return ['name', 'containerPort', 'port', 'mountPath', 'key', 'type', 'host'].find((key) =>
    [before, after].every((items) => {
      const values = items.map((item) => own(item, key))
      const named = values.every((value) => typeof value === 'string' || typeof value === 'number')
      return named && new Set(values.map(String)).size === items.length
    }),
  )
}

function showPath(path: readonly Step[]): string {
  let text = ''
  for (const step of path) {
    const shown = typeof step === 'object' ? `[${step.key}=${step.value}]` : formatPath([step])
    text += text === '' || shown.startsWith('[') ? shown : `.${shown}`
  }
  return text
}

function mask(field: FieldDiff): FieldDiff {
  if (!/^(data|stringData)\b/.test(field.path)) return field
  return {
    path: field.path,
    ...(field.before === undefined ? {} : { before: showSecrets(field.before) }),
    ...(field.after === undefined ? {} : { after: showSecrets(field.after) }),
    masked: true,
  }
}

const own = (record: unknown, key: string): unknown =>
  isRecord(record) && Object.hasOwn(record, key) ? record[key] : undefined

function shorten(value: unknown): unknown {
  if (typeof value === 'string') return value.length <= longestText ? value : `${value.slice(0, longestText)}…`
  if (typeof value !== 'object' || value === null) return value
  const text = canonicalJson(value)
  return text.length <= longestText ? value : `${text.slice(0, longestText)}…`
}
