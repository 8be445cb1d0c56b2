import { type ResourceName, resourceNames } from './resource-names.ts'

const head = 'resources'
/** Letters that a filter, written as JSON and escaped, may have; a comma would end the topic. */
const escaped = "[-A-Za-z0-9%._~!*'()]"
export const resourceTopicForm = new RegExp(`^${head}:(${resourceNames.join('|')})(?::(${escaped}{1,3000}))?$`)

/** The topic of the live stream with the rows of a kind that a filter lets pass; the filter as in a query of the list. */
export function resourceTopic(kind: ResourceName, filter: Readonly<Record<string, unknown>> = {}): string {
  const chosen = Object.entries(filter).filter(([, value]) => value !== undefined && value !== '')
  if (chosen.length === 0) return `${head}:${kind}`
  return `${head}:${kind}:${encodeURIComponent(JSON.stringify(Object.fromEntries(chosen)))}`
}

/** The parts of such a topic; undefined where it is none. What the filter holds is not checked. */
export function readResourceTopic(topic: string): { kind: ResourceName; filter: unknown } | undefined {
  const [, kind, text] = resourceTopicForm.exec(topic) ?? []
  const name = resourceNames.find((one) => one === kind)
  if (name === undefined) return undefined
  try {
    return { kind: name, filter: text === undefined ? {} : (JSON.parse(decodeURIComponent(text)) as unknown) }
  } catch {
    return undefined
  }
}
