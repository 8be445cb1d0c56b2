import type { AuditChange } from '@flotilla/api'
import { isRecord } from '@flotilla/model'
import { hidden, isSecretOption, maskText, namesSecret } from './mask-text.ts'

export interface Difference {
  readonly changes: readonly AuditChange[]
  /** How many are not listed. */
  readonly more?: number
}

const mostChanges = 60
const mostNodes = 20_000
const deepest = 32
/** What the API server writes, and what says the same once more. */
const bookkeeping = new Set(['managedFields', 'resourceVersion', 'generation', 'uid', 'creationTimestamp', 'selfLink'])
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/** What differs, path by path, with secret values masked. Of a Secret every value is one, whatever it is called. */
export function differenceOf(before: unknown, after: unknown, options: { readonly secret?: boolean } = {}): Difference {
  const secret = options.secret === true || isSecret(before) || isSecret(after)
  const found: AuditChange[] = []
  let more = 0
  let nodes = 0

  const add = (path: string, was: unknown, is: unknown, masked: boolean): void => {
    if (found.length >= mostChanges) {
      more++
      return
    }
    found.push({
      path,
      ...(was === undefined ? {} : { before: shown(was, masked) }),
      ...(is === undefined ? {} : { after: shown(is, masked) }),
    })
  }

  const walk = (path: string, was: unknown, is: unknown, masked: boolean, depth: number): void => {
    if (was === is) return
    if (++nodes > mostNodes || depth > deepest) {
      if (!same(was, is)) more++
      return
    }
    const children = childrenOf(was, is)
    if (children === undefined) {
      if (hasChildren(was) || hasChildren(is)) {
        // another sort of value: the one goes and the other comes, each by its parts, as its names say what is secret
        if (was !== undefined) walk(path, was, undefined, masked, depth + 1)
        if (is !== undefined) walk(path, undefined, is, masked, depth + 1)
      } else if (!same(was, is)) add(path, was, is, masked)
      return
    }
    for (const { key, label, was: one, is: other } of children) {
      if (one === other) continue
      const next = label === undefined ? (path === '' ? key : `${path}.${key}`) : `${path}[${label}]`
      const hides =
        masked ||
        (secret ? isSecretField(next) : namesSecret(key)) ||
        isNamedSecret(key, was, is) ||
        isAfterOption(label, was, is)
      walk(next, one, other, hides, depth + 1)
    }
  }
  walk('', bare(before), bare(after), false, 0)
  found.sort((a, b) => (a.path < b.path ? -1 : 1))
  return more === 0 ? { changes: found } : { changes: found, more }
}

/** In a Secret only what says which one it is is shown. */
const isSecretField = (path: string): boolean =>
  !/^(?:apiVersion|kind|type|immutable|metadata)(?:$|[.[])/.test(path) || path.startsWith('metadata.annotations')

const isSecret = (value: unknown): boolean => isRecord(value) && value['kind'] === 'Secret'

interface Child {
  readonly key: string
  /** In brackets: the place in a list, or its name there. */
  readonly label?: string
  readonly was: unknown
  readonly is: unknown
}

/** Undefined where there is nothing to go into. */
function childrenOf(was: unknown, is: unknown): Child[] | undefined {
  if (isBranch(was, isRecord) && isBranch(is, isRecord)) {
    const keys = new Set([...Object.keys(was ?? {}), ...Object.keys(is ?? {})])
    if (keys.size === 0) return undefined
    return [...keys].map((key) => ({ key, was: own(was, key), is: own(is, key) }))
  }
  if (isBranch(was, Array.isArray) && isBranch(is, Array.isArray)) {
    const [old, now] = [byLabel(was ?? []), byLabel(is ?? [])]
    const labels = new Set([...old.keys(), ...now.keys()])
    if (labels.size === 0) return undefined
    return [...labels].map((label) => ({ key: '', label, was: old.get(label), is: now.get(label) }))
  }
  return undefined
}

/** One side may be absent; then the other says what it is. */
function isBranch<T>(value: unknown, is: (value: unknown) => value is T): value is T | undefined {
  return value === undefined || is(value)
}

const own = (record: Record<string, unknown> | undefined, key: string): unknown =>
  record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined

/** Lists of named things are compared by their names, as Kubernetes does; others by place. */
function byLabel(list: readonly unknown[]): Map<string, unknown> {
  const names = list.map((item) => (isRecord(item) && typeof item['name'] === 'string' ? item['name'] : undefined))
  const named = names.every((name) => name !== undefined) && new Set(names).size === names.length
  return new Map(list.map((item, at) => [named ? (names[at] ?? '') : String(at), item]))
}

const hasChildren = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : isRecord(value) && Object.keys(value).length > 0

/** Of a command in words: --password hunter2 */
function isAfterOption(label: string | undefined, was: unknown, is: unknown): boolean {
  const before = Number(label) - 1
  return [was, is].some((list) => {
    const word: unknown = Array.isArray(list) ? list[before] : undefined
    return typeof word === 'string' && isSecretOption(word)
  })
}

/** The value of a variable, or of a step of a JSON patch, that speaks of a secret: { name: DB_PASSWORD, value: ... }. */
function isNamedSecret(key: string, was: unknown, is: unknown): boolean {
  if (key !== 'value') return false
  return [was, is].some((one) => {
    if (!isRecord(one)) return false
    const { name, path } = one
    return (
      (typeof name === 'string' && namesSecret(name)) ||
      // a step that gives a variable its value does not say which
      (typeof path === 'string' && (/\/env\/\d+\/value$/.test(path) || path.split('/').some(namesSecret)))
    )
  })
}

function same(was: unknown, is: unknown): boolean {
  if (was === is) return true
  if (typeof was !== 'object' || typeof is !== 'object' || was === null || is === null) return false
  return textOf(was) === textOf(is)
}

/** What is too deep to be written is another text each time. */
function textOf(value: unknown): unknown {
  try {
    return JSON.stringify(value)
  } catch {
    return Symbol('too deep')
  }
}

function shown(value: unknown, masked: boolean): string {
  if (masked && value !== null && typeof value !== 'boolean') return hidden
  if (typeof value === 'string') return JSON.stringify(maskText(value))
  return JSON.stringify(value) ?? 'null'
}

function bare(value: unknown): unknown {
  if (!isRecord(value) || !isRecord(value['metadata'])) return value
  const { status: _status, ...rest } = value
  const metadata = Object.fromEntries(Object.entries(value['metadata']).filter(([key]) => !bookkeeping.has(key)))
  if (isRecord(metadata['annotations'])) {
    const { [lastApplied]: _last, ...annotations } = metadata['annotations']
    metadata['annotations'] = annotations
  }
  return { ...rest, metadata }
}
