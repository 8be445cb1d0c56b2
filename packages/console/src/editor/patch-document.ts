import { type Document, parseDocument } from 'yaml'
import { sameValue } from './merge-values.ts'

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Changes a YAML text so that it says `wanted`; what does not change keeps its place, its form and its comments. */
export function patchText(text: string, wanted: unknown): string {
  const document = parseDocument(text)
  patchAt(document, [], document.toJS() as unknown, wanted)
  return document.toString({ lineWidth: 0 })
}

/** A path in which an item of a list may be told by its `name`, as indexes of this text. Undefined when it is not there. */
export function resolvePath(text: string, path: readonly (string | number)[]): (string | number)[] | undefined {
  let at = parseDocument(text).toJS() as unknown
  const resolved: (string | number)[] = []
  for (const [index, step] of path.entries()) {
    let key = step
    if (Array.isArray(at) && typeof step === 'string') {
      key = at.findIndex((item) => isFields(item) && item['name'] === step)
      if (key < 0) return undefined
    }
    resolved.push(key)
    if (typeof at !== 'object' || at === null) return index === path.length - 1 ? resolved : undefined
    at = Reflect.get(at, key)
  }
  return resolved
}

/** Sets one place of a YAML text; `undefined` takes it away. */
export function setInText(text: string, path: readonly (string | number)[], value: unknown): string {
  const document = parseDocument(text)
  if (value === undefined) document.deleteIn(path)
  else document.setIn(path, document.createNode(value))
  return document.toString({ lineWidth: 0 })
}

function patchAt(document: Document, path: readonly (string | number)[], before: unknown, wanted: unknown): void {
  if (sameValue(before, wanted)) return
  if (isFields(before) && isFields(wanted)) {
    for (const name of Object.keys(before)) if (!Object.hasOwn(wanted, name)) document.deleteIn([...path, name])
    for (const [name, value] of Object.entries(wanted)) patchAt(document, [...path, name], before[name], value)
    return
  }
  if (Array.isArray(before) && Array.isArray(wanted)) {
    const shared = Math.min(before.length, wanted.length)
    for (let index = 0; index < shared; index++) patchAt(document, [...path, index], before[index], wanted[index])
    for (let index = before.length - 1; index >= shared; index--) document.deleteIn([...path, index])
    for (let index = shared; index < wanted.length; index++) document.addIn(path, document.createNode(wanted[index]))
    return
  }
  if (path.length === 0) document.contents = document.createNode(wanted) as typeof document.contents
  else document.setIn(path, document.createNode(wanted))
}
