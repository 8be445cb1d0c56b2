import { nanosOf } from '@flotilla/model/quantity'

/** An amount of a resource in a specification, and where it stands there. */
export interface AmountField {
  readonly id: string
  readonly path: readonly string[]
  /** As a ResourceQuota names it, or a container. */
  readonly resource: string
}

const quotaNames = [
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'limits.cpu',
  'limits.memory',
  'pods',
] as const

export const quotaFields: readonly AmountField[] = quotaNames.map((resource) => ({
  id: `quota ${resource}`,
  path: ['quota', 'hard', resource],
  resource,
}))

const containerParts = ['defaultRequest', 'default'] as const

/** What a container gets that names nothing itself; a quota of these refuses pods without. */
export const containerFields: readonly (AmountField & { readonly part: (typeof containerParts)[number] })[] =
  containerParts.flatMap((part) =>
    ['cpu', 'memory'].map((resource) => ({
      id: `limits ${part} ${resource}`,
      path: ['limits', part, resource],
      resource,
      part,
    })),
  )

export type Amounts = Readonly<Record<string, string>>

type Fields = Readonly<Record<string, unknown>>
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The amounts as they are written; nothing where none is. */
export function readAmounts(spec: unknown, fields: readonly AmountField[]): Amounts {
  return Object.fromEntries(
    fields.map(({ id, path }) => {
      let at = spec
      for (const step of path) at = isFields(at) && Object.hasOwn(at, step) ? at[step] : undefined
      return [id, typeof at === 'string' || typeof at === 'number' ? String(at) : '']
    }),
  )
}

/** Writes what differs, and nothing else; what is empty goes, with what held nothing but it. */
export function patchAmounts(spec: Fields, fields: readonly AmountField[], amounts: Amounts): Fields {
  const before = readAmounts(spec, fields)
  return fields.reduce((patched, { id, path }) => {
    const amount = (amounts[id] ?? '').trim()
    return amount === before[id] ? patched : setAt(patched, path, amount === '' ? undefined : amount)
  }, spec)
}

function setAt(fields: Fields, path: readonly string[], value: string | undefined): Fields {
  const [step = '', ...rest] = path
  const { [step]: inner, ...others } = fields
  if (rest.length === 0) return value === undefined ? others : { ...fields, [step]: value }
  const next = setAt(isFields(inner) ? inner : {}, rest, value)
  return Object.keys(next).length === 0 ? others : { ...fields, [step]: next }
}

/** Those that are no amount. */
export const faultyAmounts = (amounts: Amounts): string[] =>
  Object.entries(amounts).flatMap(([id, text]) => {
    const nanos = text.trim() === '' ? 0n : nanosOf(text.trim())
    return nanos === undefined || nanos < 0n ? [id] : []
  })
