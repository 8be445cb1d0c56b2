import type { LabelSelector } from './selectors.ts'

type Requirement = NonNullable<LabelSelector['matchExpressions']>[number]

const key = String.raw`((?:[a-zA-Z0-9][-a-zA-Z0-9.]*\/)?[a-zA-Z0-9](?:[-a-zA-Z0-9_.]*[a-zA-Z0-9])?)`
const value = String.raw`((?:[a-zA-Z0-9](?:[-a-zA-Z0-9_.]*[a-zA-Z0-9])?)?)`
const list = String.raw`\(([^()]*)\)`

const forms: readonly (readonly [RegExp, Requirement['operator']])[] = [
  [new RegExp(`^${key}\\s+in\\s*${list}$`), 'In'],
  [new RegExp(`^${key}\\s+notin\\s*${list}$`), 'NotIn'],
  [new RegExp(`^${key}\\s*==?\\s*${value}$`), 'In'],
  [new RegExp(`^${key}\\s*!=\\s*${value}$`), 'NotIn'],
  [new RegExp(`^!\\s*${key}$`), 'DoesNotExist'],
  [new RegExp(`^${key}$`), 'Exists'],
]

/**
 * A label selector as kubectl's `-l` takes it (labels.Parse of Kubernetes' apimachinery, without `<` and `>`), or the
 * part of it that is none.
 */
export function parseLabelSelector(text: string): LabelSelector | { readonly wrong: string } {
  const matchExpressions: Requirement[] = []
  // at the commas that are not within brackets
  for (const part of text.split(/,(?![^()]*\))/).map((one) => one.trim())) {
    const found = part === '' ? undefined : requirementOf(part)
    if (found === undefined) return { wrong: part }
    matchExpressions.push(found)
  }
  return { matchExpressions }
}

function requirementOf(part: string): Requirement | undefined {
  for (const [form, operator] of forms) {
    const [, of, values] = form.exec(part) ?? []
    if (of === undefined) continue
    if (values === undefined) return { key: of, operator }
    return { key: of, operator, values: values.split(',').map((one) => one.trim()) }
  }
  return undefined
}
