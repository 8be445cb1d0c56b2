import { asEverybodyReads, asKubernetesReads } from '@flotilla/model/yaml'
import { type Document, parseDocument, stringify } from 'yaml'
import { sameValue } from './merge-values.ts'
import { type Path, spliceText } from './splice-text.ts'

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Beyond this, each change by itself would take longer than a person waits. */
const mostSplices = 100

const read = (text: string): Document => parseDocument(text, asKubernetesReads)

/** Changes a YAML text so that it says `wanted`; what does not change keeps its place, its form and its comments. */
export function patchText(text: string, wanted: unknown): string {
  const changes = differences(read(text).toJS() as unknown, wanted)
  if (changes.length > mostSplices) return stringify(wanted, asEverybodyReads)
  return changes.reduce((patched, { path, value }) => setInText(patched, path, value), text)
}

/** A path in which an item of a list may be told by its `name`, as indexes of this text. Undefined when it is not there. */
export function resolvePath(text: string, path: Path): (string | number)[] | undefined {
  let at = read(text).toJS() as unknown
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

/** Sets one place of a YAML text; `undefined` takes it away. Every other character stays where that can be done. */
export function setInText(text: string, path: Path, value: unknown): string {
  if (path.length === 0) return stringify(value, asEverybodyReads)
  const before = read(text)
  const wanted = setIn(before.toJS(), path, value)
  const spliced = spliceText(before, text, path, value)
  if (spliced !== undefined) {
    const after = read(spliced)
    if (after.errors.length === 0 && sameValue(after.toJS(), wanted)) return spliced
  }
  // a form that is not spliced (aliases, odd flow): written anew, with its comments; numbers too big for a double survive
  const document = parseDocument(text, { ...asKubernetesReads, intAsBigInt: true })
  if (value === undefined) document.deleteIn(path)
  else document.setIn(path, document.createNode(value))
  return document.toString({ lineWidth: 0 })
}

interface Change {
  readonly path: Path
  readonly value: unknown
}

/** The places to set, in the order in which they can be set one after the other. */
function differences(before: unknown, wanted: unknown, path: Path = []): Change[] {
  if (sameValue(before, wanted)) return []
  if (isFields(before) && isFields(wanted)) {
    const gone = Object.keys(before).filter((name) => !Object.hasOwn(wanted, name))
    return [
      ...Object.entries(wanted).flatMap(([name, value]) => differences(before[name], value, [...path, name])),
      ...gone.map((name) => ({ path: [...path, name], value: undefined })),
    ]
  }
  if (Array.isArray(before) && Array.isArray(wanted)) {
    const more = wanted.flatMap((value, index) => differences(before[index], value, [...path, index]))
    const gone = before
      .slice(wanted.length)
      .map((_, index) => ({ path: [...path, wanted.length + index], value: undefined }))
    return [...more, ...gone.reverse()]
  }
  return [{ path, value: wanted }]
}

/** The same change to plain values. */
function setIn(at: unknown, [step, ...rest]: Path, value: unknown): unknown {
  if (step === undefined) return value
  if (Array.isArray(at) || (at === undefined && typeof step === 'number')) {
    const items: unknown[] = Array.isArray(at) ? [...at] : []
    const index = Number(step)
    if (rest.length === 0 && value === undefined) items.splice(index, 1)
    else items[index] = setIn(items[index], rest, value)
    return items
  }
  const fields: Record<string, unknown> = isFields(at) ? { ...at } : {}
  if (rest.length > 0) {
    if (value === undefined && fields[step] === undefined) return at
    fields[step] = setIn(fields[step] ?? undefined, rest, value)
  } else if (value === undefined) delete fields[step]
  else fields[step] = value
  return fields
}
