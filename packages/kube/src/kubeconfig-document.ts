import { FlotillaError } from '@flotilla/model'
import { isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml'

/** A mapping of the file, with the path that names it to a person. */
export interface Section {
  readonly path: string
  readonly fields: ReadonlyMap<string, unknown>
}

export interface SelectedContext {
  readonly context: string
  readonly namespace: string | undefined
  readonly cluster: Section
  readonly user: Section
}

/**
 * What YAML is made of, apart from text. The parser spends its time on these: a file of sixty clusters has about four
 * thousand, and a quarter of a megabyte of nothing else would take it seconds.
 */
const markup = /[[\]{},:&*!?#"'|>%@`\\\n\t]/g

/** A kubeconfig nests six deep; far beyond, the parser would run out of stack. */
const deepest = 40

/** Reads the file and picks the context. No anchors are followed, no key may appear twice. */
export function selectContext(
  text: string | Uint8Array,
  options: { maxBytes: number; maxMarkup: number; context: string | undefined },
): SelectedContext {
  const root = parseRoot(decode(text, options.maxBytes), options.maxMarkup)
  const name = options.context ?? textOf(root, 'current-context')
  if (name === undefined || name === '') {
    throw refused('current-context', 'the file names no context to use', 'Set current-context, or name a context.')
  }
  const context = entry(root, 'contexts', 'context', name)
  const clusterName = textOf(context, 'cluster')
  const userName = textOf(context, 'user')
  if (clusterName === undefined)
    throw refused(`${context.path}.cluster`, 'it is missing', 'Name a cluster of the file.')
  if (userName === undefined) throw refused(`${context.path}.user`, 'it is missing', 'Name a user of the file.')
  return {
    context: name,
    namespace: textOf(context, 'namespace'),
    cluster: entry(root, 'clusters', 'cluster', clusterName),
    user: entry(root, 'users', 'user', userName),
  }
}

export function refused(field: string, why: string, remedy: string): FlotillaError {
  return new FlotillaError('kubeconfig.refused', { message: `Kubeconfig refused: ${field}: ${why}.`, remedy, field })
}

/** A field that must be text; undefined when it is not there. */
export function textOf({ path, fields }: Section, field: string): string | undefined {
  const value = fields.get(field)
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw refused(join(path, field), 'it must be text', 'Put the value in quotes.')
  return value
}

export function flagOf({ path, fields }: Section, field: string): boolean {
  const value = fields.get(field)
  if (value === undefined || value === null) return false
  if (typeof value !== 'boolean') throw refused(join(path, field), 'it must be true or false', 'Correct the value.')
  return value
}

export const join = (path: string, field: string): string => (path === '' ? field : `${path}.${field}`)

function decode(text: string | Uint8Array, maxBytes: number): string {
  const size = typeof text === 'string' ? Buffer.byteLength(text) : text.length
  if (size > maxBytes) {
    throw tooLarge(`it has ${size} bytes, and at most ${maxBytes} are read`)
  }
  if (typeof text === 'string') return text
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(text)
  } catch {
    throw new FlotillaError('input.yaml', {
      message: 'The kubeconfig is not valid UTF-8.',
      remedy: 'Save it as UTF-8.',
      field: 'kubeconfig',
    })
  }
}

function parseRoot(text: string, maxMarkup: number): Section {
  if ((text.match(markup)?.length ?? 0) > maxMarkup)
    throw tooLarge('it has more lines and entries than a kubeconfig needs')
  refuseDeep(text)
  const lineCounter = new LineCounter()
  let value: unknown
  try {
    const document = parseDocument(text, { lineCounter, uniqueKeys: false, stringKeys: true, prettyErrors: false })
    const [error] = document.errors
    // The parser's own words may quote the file, which holds keys.
    if (error !== undefined)
      throw yamlError(`it is not valid YAML (${error.code})`, lineCounter.linePos(error.pos[0]).line)
    refuseDoubledKeys(document, lineCounter)
    value = document.toJS({ mapAsMap: true, maxAliasCount: 0 })
  } catch (thrown) {
    if (thrown instanceof FlotillaError) throw thrown
    throw yamlError('it nests too deeply or uses aliases', 1)
  }
  if (!(value instanceof Map)) throw yamlError('it is not a mapping', 1)
  const root = { path: '', fields: value as Map<string, unknown> }
  if (textOf(root, 'kind') !== undefined && textOf(root, 'kind') !== 'Config') {
    throw refused('kind', 'it is not a kubeconfig', 'Give a file of kind Config.')
  }
  return root
}

/** Counts what opens and closes flow collections, and dashes in a row, without reading further: cheap, and never too few. */
function refuseDeep(text: string): void {
  let depth = 0
  let line = 1
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '\n') line++
    else if (character === '[' || character === '{') depth++
    else if (character === ']' || character === '}') depth--
    if (depth > deepest) throw yamlError('it nests too deeply', line)
  }
  const dashes = /^(?:[ \t]*[-?:][ \t]+){20}/m.exec(text)
  if (dashes !== null) throw yamlError('it nests too deeply', text.slice(0, dashes.index).split('\n').length)
}

/** The parser's own check compares each key with each other one, which a long file turns into seconds. */
function refuseDoubledKeys(document: Document, lineCounter: LineCounter): void {
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>()
      for (const { key } of items) {
        if (!isScalar(key)) continue
        if (seen.has(key.value)) {
          throw yamlError('a key appears twice', lineCounter.linePos(key.range?.[0] ?? 0).line)
        }
        seen.add(key.value)
      }
    },
  })
}

function tooLarge(why: string): FlotillaError {
  return new FlotillaError('input.too_large', {
    message: `The kubeconfig is too large: ${why}.`,
    remedy: 'Keep only the context that is meant: kubectl config view --minify --flatten --raw.',
    field: 'kubeconfig',
  })
}

function yamlError(why: string, line: number): FlotillaError {
  return new FlotillaError('input.yaml', {
    message: `The kubeconfig cannot be read at line ${line}: ${why}.`,
    remedy: 'Correct the file; anchors, aliases and doubled keys are not taken.',
    field: `kubeconfig:${line}`,
  })
}

/** The one entry of a named list: `contexts: [{name, context}]`. */
function entry(root: Section, listName: string, bodyName: string, name: string): Section {
  const list = root.fields.get(listName)
  if (!Array.isArray(list)) throw refused(listName, 'it is missing or not a list', 'Give a complete kubeconfig.')
  const found = list.flatMap((item: unknown, at) =>
    item instanceof Map && item.get('name') === name ? [{ item, at }] : [],
  )
  const [first] = found
  if (first === undefined) throw refused(listName, `it has no entry named ${JSON.stringify(name)}`, 'Correct the name.')
  if (found.length > 1)
    throw refused(`${listName}[${found[1]?.at}].name`, 'the name appears twice', 'Keep one of them.')
  const body = (first.item as Map<string, unknown>).get(bodyName)
  const path = `${listName}[${first.at}].${bodyName}`
  if (!(body instanceof Map)) throw refused(path, 'it is missing or not a mapping', 'Give a complete kubeconfig.')
  return { path, fields: body as Map<string, unknown> }
}
