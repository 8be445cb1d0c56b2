import { asEverybodyReads } from '@flotilla/model/yaml'
import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  stringify,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'

export type Path = readonly (string | number)[]

/** A collection on the way to a place, and the item of it that the way goes through; -1 when there is none yet. */
interface Step {
  readonly at: YAMLMap | YAMLSeq
  readonly key: string | number
  readonly index: number
}

/**
 * The text with one place set, or taken away when the value is undefined, and every other character as it was.
 * Undefined where this form of YAML is not spliced. The caller looks whether the result says what it should.
 */
export function spliceText(document: Document, text: string, path: Path, value: unknown): string | undefined {
  const steps: Step[] = []
  let node: unknown = document.contents
  for (const key of path) {
    if (!isMap(node) && !isSeq(node)) break
    if (node.range === undefined || node.range === null) return undefined
    const index = indexOf(node, key)
    steps.push({ at: node, key, index })
    node = index < 0 ? undefined : valueOf(node.items[index])
  }
  const last = steps.at(-1)
  if (last === undefined) return undefined
  const whole = steps.length === path.length
  if (value === undefined) return whole && last.index >= 0 ? remove(text, steps) : text
  return put(text, steps, nest(path.slice(steps.length), value))
}

/** Sets what the last step stands for. */
function put(text: string, steps: readonly Step[], value: unknown): string | undefined {
  const last = steps.at(-1)
  if (last === undefined) return undefined
  const { at, key, index } = last
  if (index >= 0) return replace(text, last, value)
  // an empty collection is written anew, in the form of what is around it
  if (at.items.length === 0) return put(text, steps.slice(0, -1), isSeq(at) ? [value] : { [key]: value })
  const end = endOf(at.items.at(-1))
  if (end === undefined) return undefined
  if (at.flow === true) return splice(text, end, end, `, ${flowItem(at, key, value)}`)
  const column = columnOf(text, startOf(at))
  const lineEnd = text.indexOf('\n', end)
  const to = lineEnd < 0 ? text.length : lineEnd
  return splice(text, to, to, `\n${' '.repeat(column)}${blockItem(at, key, value, column)}`)
}

function replace(text: string, { at, key, index }: Step, value: unknown): string | undefined {
  const item = at.items[index]
  const old = valueOf(item)
  const from = old?.range?.[0]
  const to = old === undefined ? undefined : endOf(old)
  if (old === undefined || from === undefined || to === undefined || ('anchor' in old && old.anchor !== undefined))
    return undefined
  if (at.flow === true) return to > from ? splice(text, from, to, JSON.stringify(value)) : undefined
  const oneLine = scalarText(value)
  const wasOneLine = isScalar(old) && to > from && !text.slice(from, to).includes('\n')
  if (oneLine !== undefined && wasOneLine) return splice(text, from, to, oneLine)
  const column = columnOf(text, startOf(at))
  const written = blockItem(at, key, value, column)
  if (isSeq(at)) {
    const dash = text.lastIndexOf('-', from - 1)
    return splice(text, dash, to, written)
  }
  // the key stays as it is written
  const keyEnd = isScalar((item as Pair).key) ? ((item as Pair).key as Node).range?.[1] : undefined
  if (keyEnd === undefined) return undefined
  return splice(text, keyEnd, Math.max(to, text.indexOf(':', keyEnd) + 1), written.slice(keyText(String(key)).length))
}

function remove(text: string, steps: readonly Step[]): string | undefined {
  const last = steps.at(-1)
  if (last === undefined) return undefined
  const { at, index } = last
  if (at.items.length === 1) return put(text, steps.slice(0, -1), isSeq(at) ? [] : {})
  const from = itemStart(text, at, index)
  const end = endOf(at.items[index])
  if (from === undefined || end === undefined) return undefined
  const next = index + 1 < at.items.length ? itemStart(text, at, index + 1) : undefined
  if (at.flow === true)
    return next === undefined ? splice(text, endOf(at.items[index - 1]) ?? from, end, '') : splice(text, from, next, '')
  const lineStart = text.lastIndexOf('\n', from - 1) + 1
  // the first field of an item of a list stands behind its dash
  if (text.slice(lineStart, from).trim() !== '') return next === undefined ? undefined : splice(text, from, next, '')
  const lineEnd = text.indexOf('\n', end)
  return splice(text, lineStart, lineEnd < 0 ? text.length : lineEnd + 1, '')
}

const splice = (text: string, from: number, to: number, by: string): string => text.slice(0, from) + by + text.slice(to)

const columnOf = (text: string, at: number): number => at - (text.lastIndexOf('\n', at - 1) + 1)

function indexOf(at: YAMLMap | YAMLSeq, key: string | number): number {
  if (isSeq(at)) return Number(key) < at.items.length ? Number(key) : -1
  return at.items.findIndex((pair) => isScalar(pair.key) && String(pair.key.value) === String(key))
}

function valueOf(item: unknown): Node | undefined {
  const value: unknown = typeof item === 'object' && item !== null && 'key' in item ? (item as Pair).value : item
  return typeof value === 'object' && value !== null && 'range' in value ? (value as Node) : undefined
}

function startOf(at: YAMLMap | YAMLSeq): number {
  const [first] = at.items
  if (isMap(at) && first !== undefined) return ((first as Pair).key as Node).range?.[0] ?? 0
  return at.range?.[0] ?? 0
}

/** Where an item begins: its key, or the dash before it. */
function itemStart(text: string, at: YAMLMap | YAMLSeq, index: number): number | undefined {
  const item = at.items[index]
  if (isMap(at)) return ((item as Pair).key as Node).range?.[0]
  const from = valueOf(item)?.range?.[0]
  return from === undefined || at.flow === true ? from : text.lastIndexOf('-', from - 1)
}

/** Where the last character of a value stands that is no comment and no empty line after it. */
function endOf(item: unknown): number | undefined {
  const node = valueOf(item)
  if (node === undefined) {
    const key = typeof item === 'object' && item !== null && 'key' in item ? ((item as Pair).key as Node) : undefined
    return key?.range?.[1]
  }
  if ((isMap(node) || isSeq(node)) && node.flow !== true && node.items.length > 0) return endOf(node.items.at(-1))
  const [, end] = node.range ?? []
  if (end === undefined) return undefined
  // a text in block form goes on to the end of its last line
  return isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED') ? end - 1 : end
}

/** One scalar as it stands on one line; undefined for all else. */
function scalarText(value: unknown): string | undefined {
  if (typeof value === 'object' && value !== null) return undefined
  const written = stringify({ k: value }, asEverybodyReads).slice('k: '.length, -1)
  return written.includes('\n') ? undefined : written
}

const keyText = (key: string): string => stringify({ [key]: 0 }, asEverybodyReads).slice(0, -': 0\n'.length)

/** A field or an item in block form; its first line begins at the column, the others are indented to it. */
function blockItem(at: YAMLMap | YAMLSeq, key: string | number, value: unknown, column: number): string {
  const written = stringify(isSeq(at) ? [value] : { [key]: value }, asEverybodyReads).replace(/\n$/, '')
  return written.replaceAll(/\n(?=[^\n])/g, `\n${' '.repeat(column)}`)
}

const flowItem = (at: YAMLMap | YAMLSeq, key: string | number, value: unknown): string =>
  isSeq(at)
    ? JSON.stringify(value)
    : `${/^[a-z]\w*$/i.test(String(key)) ? keyText(String(key)) : JSON.stringify(key)}: ${JSON.stringify(value)}`

/** The value below a way that is not there yet. */
function nest(path: Path, value: unknown): unknown {
  return path.reduceRight<unknown>((below, step) => {
    if (typeof step === 'string') return { [step]: below }
    const items: unknown[] = []
    items[step] = below
    return items
  }, value)
}
