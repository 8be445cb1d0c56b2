import { setImmediate as breathe } from 'node:timers/promises'
import type { ObjectChange } from '@flotilla/api'
import { type KubeObject, refKey, refOf, canonicalJson, isRecord } from '@flotilla/model'
import { diffObjects, maskSecret, secretMask, unifiedDiff, withoutNoise } from '@flotilla/reconcile'
import { redactor } from '@flotilla/render'
import { asEverybodyReads } from '@flotilla/model/yaml'
import { stringify } from 'yaml'

export interface ChangesQuestion {
  readonly cluster: string
  readonly namespace: string
  readonly component: string
  readonly before: readonly KubeObject[]
  readonly after: readonly KubeObject[]
  /** Texts that must not be shown wherever they stand. */
  readonly redact?: readonly string[] | undefined
}

export interface ObjectChanges {
  readonly items: ObjectChange[]
  readonly unchanged: number
}

/** A definition of half a megabyte is told by its paths: as text nobody reads it, and writing it takes long. */
const largestShown = 128 * 1024
const longestDiff = 64 * 1024
const differs = '(secret, differs)'

/**
 * What changes between two sets of objects of one component in one target, as people read it. What a Secret holds is
 * never in it: a value reads `(secret)`, and `(secret, differs)` where it is another one.
 */
export async function describeChanges(question: ChangesQuestion): Promise<ObjectChanges> {
  const { cluster, namespace, component, before, after, redact = [] } = question
  const clean = redactor(redact, secretMask)
  const old = new Map(before.map((object) => [refKey(refOf(object)), object]))
  const fresh = new Map(after.map((object) => [refKey(refOf(object)), object]))
  const items: ObjectChange[] = []
  for (const { ref, change, fields, truncated } of diffObjects(before, after)) {
    const key = refKey(ref)
    const { diff, cut } = diffText(old.get(key), fresh.get(key), clean)
    items.push({
      cluster,
      namespace,
      component,
      ref,
      change,
      diff,
      paths: fields.map(({ path }) => clean(path)),
      ...(truncated || cut ? { truncated: true } : {}),
    })
    await breathe()
  }
  const touched = items.filter(({ change }) => change !== 'removed').length
  return { items, unchanged: after.length - touched }
}

function diffText(
  before: KubeObject | undefined,
  after: KubeObject | undefined,
  clean: (text: string) => string,
): { diff: string; cut: boolean } {
  const size = Math.max(lengthOf(before), lengthOf(after))
  if (size > largestShown) return { diff: '', cut: true }
  const [left, right] = maskPair(before, after)
  // before it is cut: the first half of a secret is not known for one
  const diff = clean(unifiedDiff(toYaml(left), toYaml(right)))
  return diff.length <= longestDiff ? { diff, cut: false } : { diff: diff.slice(0, longestDiff), cut: true }
}

const lengthOf = (object: KubeObject | undefined): number => (object === undefined ? 0 : canonicalJson(object).length)

type Shown = Record<string, unknown> | undefined

function maskPair(before: KubeObject | undefined, after: KubeObject | undefined): [Shown, Shown] {
  const clean = (object: KubeObject | undefined): Shown => (object === undefined ? undefined : withoutNoise(object))
  const [left, right] = [clean(before), clean(after)]
  if (before?.kind !== 'Secret' && after?.kind !== 'Secret') return [left, right]
  const [old, fresh] = [dataOf(left), dataOf(right)]
  const mask = (data: Record<string, unknown>, other: Record<string, unknown>, text: string) =>
    Object.fromEntries(
      Object.entries(data).map(([key, value]) => {
        const changed = Object.hasOwn(other, key) && other[key] !== value
        return [key, changed ? text : secretMask]
      }),
    )
  return [withData(left, mask(old, fresh, secretMask)), withData(right, mask(fresh, old, differs))]
}

const dataOf = (object: Shown): Record<string, unknown> => (isRecord(object?.['data']) ? object['data'] : {})

function withData(object: Shown, data: Record<string, unknown>): Shown {
  if (object === undefined || Object.keys(data).length === 0) return object
  // belt and braces: whatever else a Secret may hold under these names is masked as well
  return { ...maskSecret(object as unknown as KubeObject), data }
}

const toYaml = (object: Shown): string =>
  object === undefined ? '' : stringify(object, { ...asEverybodyReads, sortMapEntries: true })
