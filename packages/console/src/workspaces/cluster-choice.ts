import { parseLabels, writeLabels } from '../fleet/parse-labels.ts'

/** Which clusters, as a form shows it. `other`: more than the form knows; it stays as it is. */
export interface ChoiceForm {
  readonly type: 'all' | 'names' | 'labels' | 'other'
  readonly names: readonly string[]
  /** One key=value per line. */
  readonly labels: string
}

export const everyCluster: ChoiceForm = { type: 'all', names: [], labels: '' }

type Fields = Readonly<Record<string, unknown>>
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string')
const isLabels = (value: unknown): value is Readonly<Record<string, string>> =>
  isFields(value) && Object.values(value).every((one) => typeof one === 'string')

/** Reads a choice of clusters (`names`, `selector`) as a form can show it. */
export function readChoice(choice: unknown): ChoiceForm {
  if (choice === undefined) return everyCluster
  const other: ChoiceForm = { ...everyCluster, type: 'other' }
  if (!isFields(choice)) return other
  const { names, selector, ...rest } = choice
  if (Object.keys(rest).length > 0) return other
  if (names === undefined && selector === undefined) return everyCluster
  if (isTexts(names) && selector === undefined) return { ...everyCluster, type: 'names', names }
  if (names !== undefined || !isFields(selector)) return other
  const { matchLabels, ...expressions } = selector
  if (Object.keys(expressions).length > 0 || !isLabels(matchLabels) || Object.keys(matchLabels).length === 0)
    return other
  return { ...everyCluster, type: 'labels', labels: writeLabels(matchLabels) }
}

/** The choice that the form says; `before` where it says nothing of its own. */
export function writeChoice(form: ChoiceForm, before: unknown): unknown {
  const same = readChoice(before)
  if (form.type === 'other' || JSON.stringify(same) === JSON.stringify(form)) return before
  if (form.type === 'all') return {}
  if (form.type === 'names') return { names: [...form.names] }
  const labels = parseLabels(form.labels)
  return { selector: { matchLabels: labels.ok ? labels.labels : {} } }
}

/** Why it cannot be written yet. */
export function choiceFault(form: ChoiceForm): 'no-names' | 'no-labels' | 'bad-labels' | undefined {
  if (form.type === 'names') return form.names.length === 0 ? 'no-names' : undefined
  if (form.type !== 'labels') return undefined
  const labels = parseLabels(form.labels)
  if (!labels.ok) return 'bad-labels'
  return Object.keys(labels.labels).length === 0 ? 'no-labels' : undefined
}
