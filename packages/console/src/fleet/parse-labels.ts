export type ParsedLabels =
  | { readonly ok: true; readonly labels: Record<string, string> }
  | { readonly ok: false; readonly line: string }

/** Reads labels as a person writes them: `key=value`, one per line or separated by commas. */
export function parseLabels(text: string): ParsedLabels {
  const labels: Record<string, string> = {}
  for (const raw of text.split(/[\n,]/)) {
    const line = raw.trim()
    if (line === '') continue
    const at = line.indexOf('=')
    if (at <= 0) return { ok: false, line }
    labels[line.slice(0, at).trim()] = line.slice(at + 1).trim()
  }
  return { ok: true, labels }
}

/** Labels as lines, sorted by key. */
export const writeLabels = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join('\n')

/** What turns one set of labels into another: `null` takes a label away. Undefined when nothing differs. */
export function computeLabelChange(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): Record<string, string | null> | undefined {
  const change: Record<string, string | null> = {}
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) change[key] = null
  for (const [key, value] of Object.entries(after)) if (before[key] !== value) change[key] = value
  return Object.keys(change).length === 0 ? undefined : change
}
