import { asKubernetesReads } from '@flotilla/model/yaml'
import { isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { isOpen, type JsonSchema } from './json-schema.ts'

export type Fault =
  | { readonly rule: 'yaml'; readonly message: string }
  | { readonly rule: 'type'; readonly expected: string }
  | { readonly rule: 'unknown' | 'missing'; readonly field: string }
  | { readonly rule: 'choice'; readonly choices: readonly string[] }
  | { readonly rule: 'pattern'; readonly pattern: string }
  | { readonly rule: 'short' | 'long' | 'least' | 'most' | 'items'; readonly bound: number }

export interface Finding {
  readonly fault: Fault
  readonly from: number
  readonly to: number
  readonly line: number
}

const mostFindings = 50

/** Every place where a YAML document does not fit its schema, with where it stands in the text. */
export function lintDocument(text: string, schema: JsonSchema | undefined): Finding[] {
  const lines = new LineCounter()
  const document = parseDocument(text, { ...asKubernetesReads, lineCounter: lines, prettyErrors: false })
  const findings: Finding[] = []
  const add = (fault: Fault, from: number, to: number) => {
    if (findings.length < mostFindings)
      findings.push({ fault, from, to: Math.max(to, from + 1), line: lines.linePos(from).line })
  }
  for (const { message, pos } of document.errors) add({ rule: 'yaml', message }, pos[0], pos[1])
  if (findings.length === 0 && schema !== undefined) lintNode(document.contents, schema, [0, text.length], add)
  return findings
}

type Add = (fault: Fault, from: number, to: number) => void
type Range = readonly [number, number]

const rangeOf = (node: Node | null | undefined, otherwise: Range): Range =>
  node?.range ? [node.range[0], node.range[1]] : otherwise

function lintNode(node: Node | null, schema: JsonSchema, around: Range, add: Add): void {
  const [from, to] = rangeOf(node, around)
  if (isMap(node)) {
    if (!allows(schema, 'object')) return add({ rule: 'type', expected: typeText(schema) }, from, to)
    const seen = new Set<string>()
    for (const { key, value } of node.items) {
      if (!isScalar(key)) continue
      const name = String(key.value)
      seen.add(name)
      const own = schema.properties?.[name]
      const rest = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined
      const keyRange = rangeOf(key, [from, to])
      if (own === undefined && !isOpen(schema)) add({ rule: 'unknown', field: name }, ...keyRange)
      else if (own !== undefined || rest !== undefined) {
        lintNode(isNode(value) ? value : null, own ?? rest ?? {}, keyRange, add)
      }
    }
    for (const field of schema.required ?? []) {
      if (!seen.has(field)) add({ rule: 'missing', field }, from, Math.min(to, from + 1))
    }
  } else if (isSeq(node)) {
    if (!allows(schema, 'array')) return add({ rule: 'type', expected: typeText(schema) }, from, to)
    if (node.items.length < (schema.minItems ?? 0)) add({ rule: 'items', bound: schema.minItems ?? 0 }, from, to)
    const { items } = schema
    if (items !== undefined) for (const item of node.items) lintNode(isNode(item) ? item : null, items, [from, to], add)
  } else if (isScalar(node)) lintScalar(node.value, schema, [from, to], add)
  else if (node === null && schema.type !== undefined && !allows(schema, 'null')) {
    add({ rule: 'type', expected: typeText(schema) }, from, to)
  }
}

function lintScalar(value: unknown, schema: JsonSchema, [from, to]: Range, add: Add): void {
  const choices = schema.enum ?? (schema.const === undefined ? undefined : [schema.const])
  if (choices !== undefined) {
    if (!choices.includes(value)) add({ rule: 'choice', choices: choices.map(String) }, from, to)
    return
  }
  if (!allows(schema, typeOf(value))) return add({ rule: 'type', expected: typeText(schema) }, from, to)
  if (typeof value === 'string') {
    const { minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema
    if (value.length < minLength) add({ rule: 'short', bound: minLength }, from, to)
    if (value.length > maxLength) add({ rule: 'long', bound: maxLength }, from, to)
    for (const { pattern } of [schema, ...(schema.allOf ?? [])]) {
      if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) add({ rule: 'pattern', pattern }, from, to)
    }
  } else if (typeof value === 'number') {
    const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema
    if (value < minimum) add({ rule: 'least', bound: minimum }, from, to)
    if (value > maximum) add({ rule: 'most', bound: maximum }, from, to)
  }
}

function typeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

function typesOf(schema: JsonSchema): readonly string[] {
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap(typesOf)
  return typeof schema.type === 'string' ? [schema.type] : (schema.type ?? [])
}

function allows(schema: JsonSchema, type: string): boolean {
  const types = typesOf(schema)
  return types.length === 0 || types.includes(type) || (type === 'integer' && types.includes('number'))
}

const typeText = (schema: JsonSchema): string => typesOf(schema).join(' / ')
