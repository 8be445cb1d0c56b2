import type { WorkspaceRow } from '@flotilla/api'

type Choice = WorkspaceRow['clusters']

/** Which clusters are meant, in one line: names, labels and rules as a person would write them. */
export function describeChoice(choice: Choice, all: string): string {
  const { names = [], selector } = choice ?? {}
  const labels = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`)
  const rules = (selector?.matchExpressions ?? []).map(({ key, operator, values = [] }) =>
    [key, operator, ...(values.length === 0 ? [] : [`(${values.join(', ')})`])].join(' '),
  )
  const words = [...names, ...labels, ...rules]
  return words.length === 0 ? all : words.join(', ')
}
