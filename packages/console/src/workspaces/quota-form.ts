import { nanosOf } from '@flotilla/model/quantity'
import { type AmountField, type Amounts, patchAmounts, readAmounts } from './amount-fields.ts'
import { type Fields, fieldsOf } from './fields-of.ts'

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** Amounts of the whole, and of each target of a project. */
export interface QuotaForm {
  readonly whole: Amounts
  readonly targets: readonly Amounts[]
}

export const fieldsFor = (resources: readonly string[]): readonly AmountField[] =>
  resources.map((resource) => ({ id: resource, path: ['quota', 'hard', resource], resource }))

export function readQuota(spec: unknown, resources: readonly string[]): QuotaForm {
  const fields = fieldsFor(resources)
  return {
    whole: readAmounts(spec, fields),
    targets: listOf(fieldsOf(spec)['targets']).map((target) => readAmounts(target, fields)),
  }
}

/** Writes what differs; every field that the form does not own stays. */
export function patchQuota(spec: unknown, resources: readonly string[], form: QuotaForm): Fields {
  const fields = fieldsFor(resources)
  const whole = patchAmounts(fieldsOf(spec), fields, form.whole)
  const targets = whole['targets']
  if (!Array.isArray(targets)) return whole
  return {
    ...whole,
    targets: targets.map((target: unknown, index) => patchAmounts(fieldsOf(target), fields, form.targets[index] ?? {})),
  }
}

export interface QuotaChange {
  /** Index of the target; undefined for the whole. */
  readonly target: number | undefined
  readonly resource: string
  /** Empty: no bound. */
  readonly from: string
  readonly to: string
}

/** What saving would change: amounts that mean the same are none. */
export function quotaChanges(before: QuotaForm, after: QuotaForm): readonly QuotaChange[] {
  const differ = (from: Amounts, to: Amounts, target?: number): QuotaChange[] =>
    Object.keys(to).flatMap((resource) => {
      const [was, is] = [(from[resource] ?? '').trim(), (to[resource] ?? '').trim()]
      const isSame = was === is || (was !== '' && is !== '' && nanosOf(was) === nanosOf(is))
      return isSame ? [] : [{ target, resource, from: was, to: is }]
    })
  return [
    ...differ(before.whole, after.whole),
    ...after.targets.flatMap((amounts, index) => differ(before.targets[index] ?? {}, amounts, index)),
  ]
}

/** Resources of which the targets ask together for more than the whole. Of a target that is many namespaces each gets it. */
export function overdrawn({ whole, targets }: QuotaForm, namespaces: readonly number[]): readonly string[] {
  return Object.keys(whole).filter((resource) => {
    const most = nanosOf((whole[resource] ?? '').trim())
    if (most === undefined) return false
    const asked = targets.reduce(
      (sum, amounts, index) => sum + (nanosOf((amounts[resource] ?? '').trim()) ?? 0n) * BigInt(namespaces[index] ?? 1),
      0n,
    )
    return asked > most
  })
}
