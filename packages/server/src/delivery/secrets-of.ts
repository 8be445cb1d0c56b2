import { Buffer } from 'node:buffer'
import { isRecord, type KubeObject } from '@flotilla/model'
import type { StoredSet } from './rendered-set.ts'

/** A set never changes once it is loaded, and is asked for at each look at its Delivery. */
const found = new WeakMap<StoredSet, readonly string[]>()

/** What of a set must appear in no log and no message: what came from Secrets, and what its own Secrets hold, hooks among them. */
export function secretsOf(set: StoredSet): readonly string[] {
  const before = found.get(set)
  if (before !== undefined) return before
  const objects = [...set.objects, ...set.hooks.map(({ object }) => object)]
  const secrets = [...new Set([...(set.secrets ?? []), ...objects.flatMap(valuesOf)])]
  found.set(set, secrets)
  return secrets
}

function valuesOf({ apiVersion, kind, data, stringData }: KubeObject): string[] {
  if (kind !== 'Secret' || apiVersion !== 'v1') return []
  return [...textsOf(stringData), ...textsOf(data).map(decode)]
}

const textsOf = (map: unknown): string[] =>
  isRecord(map) ? Object.values(map).filter((value) => typeof value === 'string') : []

/** What is no text is told as it stands there, if at all. */
function decode(value: string): string {
  const text = Buffer.from(value, 'base64').toString('utf8')
  return text.includes('\ufffd') ? value : text
}
