import { FlotillaError } from '@flotilla/model/errors'
import { inexactIntegerRemedy, isUnsafeInteger } from '@flotilla/model/exact-integers'
import { asKubernetesReads } from '@flotilla/model/yaml'
import { type Document, isScalar, LineCounter, type Node, parseAllDocuments, type Scalar, visit } from 'yaml'

const maxDepth = 100
const maxAliases = 1000

/**
 * Parses a stream of YAML 1.1 documents the way Kubernetes reads them: `yes` and `on` are booleans, `0777` is octal, but
 * `22:22` and `2001-01-01` are texts. Empty documents are left out. Synchronous: see parseYaml for input of any size.
 * Errors: `input.yaml` with the line.
 */
export function parseDocuments(
  bytes: Uint8Array,
  field: string,
  doubledKeys: 'refused' | 'last counts' = 'refused',
): unknown[] {
  const text = decode(bytes, field)
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, {
    ...asKubernetesReads,
    lineCounter: lines,
    prettyErrors: false,
    strict: true,
    uniqueKeys: doubledKeys === 'refused' && isSameKey,
    logLevel: 'silent',
  })
  const list: readonly Document.Parsed[] = Array.isArray(documents) ? documents : []
  return list
    .map((document) => toPlain(document, lines, field))
    .filter((value) => value !== null && value !== undefined)
}

function toPlain(document: Document.Parsed, lines: LineCounter, field: string): unknown {
  const error = document.errors[0]
  if (error !== undefined) throw refuse(field, lines.linePos(error.pos[0]).line, plainReason(error.message))
  const anchors = new Set<string>()
  let aliases = 0
  visit(document, {
    Alias(_key, alias) {
      // Resolving them is quadratic in the parser, so they are counted before.
      if (!anchors.has(alias.source))
        throw refuse(field, lineOf(alias.range), `names the unknown anchor ${alias.source}`)
      if (++aliases > maxAliases) throw refuse(field, lineOf(alias.range), `holds more than ${maxAliases} aliases`)
    },
    Node(key, node, path) {
      if ('anchor' in node && node.anchor !== undefined) anchors.add(node.anchor)
      if (path.length > maxDepth * 2)
        throw refuse(field, lineOf(node.range), `is nested deeper than ${maxDepth} levels`)
      if (!isScalar(node) || !isUnsafeInteger(node.value) || !isWholeNumber(node.source)) return
      if (key === 'key' && node.anchor === undefined) {
        node.value = textOfKey(node)
        return
      }
      // a value; or a key that an alias may make one
      throw refuse(
        field,
        lineOf(node.range),
        `${node.source} is a whole number that cannot be carried without changing its digits`,
        inexactIntegerRemedy,
      )
    },
    Pair(_key, { key }) {
      if (!isScalar(key) || key.value !== '__proto__') return
      throw refuse(field, lineOf(key.range), 'has the key __proto__, which is not allowed')
    },
  })
  try {
    return document.toJS({ maxAliasCount: maxAliases })
  } catch (cause) {
    throw refuse(field, 1, cause instanceof ReferenceError ? 'refers to its anchors too often' : 'cannot be read')
  }

  function lineOf(range: readonly number[] | null | undefined): number {
    return lines.linePos(range?.[0] ?? 0).line
  }
}

/** Kubernetes makes a text of every key, with all digits of a whole number: the text of one that a number cannot hold. */
function textOfKey({ value, source = '' }: Scalar): string | undefined {
  if (!isUnsafeInteger(value) || !isWholeNumber(source)) return undefined
  const digits = source.replaceAll('_', '').replace(/^[-+]/, '')
  return `${source.startsWith('-') ? '-' : ''}${BigInt(digits.replace(/^0(?=[0-7]+$)/, '0o'))}`
}

/** Two keys that are the same number only because it lost its digits are two. */
function isSameKey(one: Node, other: Node): boolean {
  if (one === other) return true
  if (!isScalar(one) || !isScalar(other) || one.value !== other.value) return false
  return textOfKey(one) === textOfKey(other)
}

/** Digits of YAML 1.1, hexadecimal too; no fraction and no exponent. */
const isWholeNumber = (source = ''): boolean => /^[-+]?(?:0x[\da-f_]+|0b[01_]+|[\d_]+)$/i.test(source)

function decode(bytes: Uint8Array, field: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw refuse(field, lineOfBadBytes(bytes), 'is not valid UTF-8')
  }
}

function lineOfBadBytes(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let line = 1
  for (let from = 0; from < bytes.length; line++) {
    const next = bytes.indexOf(10, from)
    const to = next < 0 ? bytes.length : next + 1
    try {
      decoder.decode(bytes.subarray(from, to))
    } catch {
      return line
    }
    from = to
  }
  return line
}

/** The parser's messages name keys and tokens; keep the first line only. */
function plainReason(message: string): string {
  return message.split('\n')[0] ?? message
}

function refuse(field: string, line: number, why: string, remedy = 'Correct the YAML at that line'): FlotillaError {
  return new FlotillaError('input.yaml', {
    message: `Line ${line}: ${why}`,
    remedy,
    field: `${field}:${line}`,
  })
}
