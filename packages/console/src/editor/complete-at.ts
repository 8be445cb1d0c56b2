import { isOpen, type JsonSchema, schemaAt } from './json-schema.ts'

export interface Offer {
  readonly label: string
  /** What is put in; a field brings its colon. */
  readonly insert: string
  readonly detail: string
  readonly description: string
}

export interface Offers {
  /** Where the word begins that an offer replaces. */
  readonly from: number
  readonly offers: readonly Offer[]
}

interface Line {
  readonly indent: number
  readonly key: string | undefined
  readonly item: boolean
}

/** Reads `  - name: web` as indent 4 (where its key stands), key `name`, an item of a list. */
function readLine(text: string): Line | undefined {
  const match = /^(\s*)((?:- +)*)(?:([A-Za-z0-9_./-]+|"[^"]*")\s*:(?:\s|$))?/.exec(text)
  if (match === null || text.trim() === '' || text.trimStart().startsWith('#')) return undefined
  const [, spaces = '', dashes = '', key] = match
  return {
    indent: spaces.length + dashes.length,
    key: key?.replaceAll('"', ''),
    item: dashes !== '' || text.trim() === '-',
  }
}

/** The path of the mapping that a line at this indent belongs to, told from the lines above it. */
export function pathAt(linesAbove: readonly string[], indent: number, isItem: boolean): (string | number)[] {
  const path: (string | number)[] = []
  let limit = indent
  if (isItem) path.unshift(0)
  for (let index = linesAbove.length - 1; index >= 0 && limit > 0; index--) {
    const line = readLine(linesAbove[index] ?? '')
    if (line === undefined) continue
    const start = (linesAbove[index] ?? '').search(/\S/)
    if (line.item && start < limit && line.indent >= limit) {
      // the dash of the item that this line stands in
      path.unshift(0)
      limit = start + 1
      continue
    }
    if (line.key !== undefined && line.indent < limit) {
      path.unshift(line.key)
      limit = line.item ? start + 1 : line.indent
      if (line.item) path.unshift(0)
    }
  }
  return path
}

/** What may stand at a place of the text: fields that are not there yet, or the values of a field. */
export function completeAt(text: string, position: number, schema: JsonSchema): Offers | undefined {
  const before = text.slice(0, position)
  const lineStart = before.lastIndexOf('\n') + 1
  const typed = before.slice(lineStart)
  const above = before.slice(0, Math.max(0, lineStart - 1)).split('\n')
  const value = /^(\s*(?:- +)*)([A-Za-z0-9_./-]+):\s+(\S*)$/.exec(typed)
  if (value !== null) {
    const [, lead = '', key = '', word = ''] = value
    const path = pathAt(above, lead.length, lead.includes('-'))
    return offersOf(position - word.length, valuesOf(schemaAt(schema, [...path, key])))
  }
  const field = /^(\s*(?:- +)*)([A-Za-z0-9_./-]*)$/.exec(typed)
  if (field === null) return undefined
  const [, lead = '', word = ''] = field
  const path = pathAt(above, lead.length, lead.includes('-'))
  const at = schemaAt(schema, path)
  return at === undefined ? undefined : offersOf(position - word.length, fieldsOf(at, lead.length))
}

const offersOf = (from: number, offers: readonly Offer[]): Offers | undefined =>
  offers.length === 0 ? undefined : { from, offers }

function fieldsOf(schema: JsonSchema, indent: number): Offer[] {
  if (isOpen(schema) && schema.properties === undefined) return []
  return Object.entries(schema.properties ?? {}).map(([name, field]) => ({
    label: name,
    insert: name + opening(field, indent),
    detail: [typeof field.type === 'string' ? field.type : '', schema.required?.includes(name) ? '*' : ''].join(''),
    description: field.description ?? '',
  }))
}

function opening(field: JsonSchema, indent: number): string {
  const inner = ' '.repeat(indent + 2)
  if (field.type === 'object' && field.properties !== undefined) return `:\n${inner}`
  if (field.type === 'array') return `:\n${inner}- `
  return ': '
}

function valuesOf(schema: JsonSchema | undefined): Offer[] {
  if (schema === undefined) return []
  const values =
    schema.enum ?? (schema.const === undefined ? (schema.type === 'boolean' ? [true, false] : []) : [schema.const])
  return values.map((value) => ({
    label: String(value),
    insert: String(value),
    detail: value === schema.default ? 'default' : '',
    description: schema.description ?? '',
  }))
}
