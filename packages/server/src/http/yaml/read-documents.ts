import { CST, Lexer, LineCounter, parseAllDocuments, visit } from 'yaml'

/** One document, with the line where it begins. */
export interface ReadDocument {
  readonly line: number
  readonly value: unknown
}

export type ReadResult =
  | { readonly ok: true; readonly documents: readonly ReadDocument[] }
  | { readonly ok: false; readonly line: number; readonly reason: string }

export const bounds = {
  documents: 200,
  anchors: 200,
  aliases: 1000,
  depth: 100,
  /** Characters of JSON after aliases are written out. */
  expanded: 4 * 1024 * 1024,
} as const

/**
 * Reads YAML (or JSON) of anybody: bombs, doubled keys and keys that reach into prototypes are refused with their line.
 * It takes as long as it takes: call it in the worker.
 */
export function readDocuments(text: string): ReadResult {
  const tooMany = countTokens(text)
  if (tooMany !== undefined) return tooMany
  const lines = new LineCounter()
  const parsed = parseAllDocuments(text, {
    lineCounter: lines,
    uniqueKeys: true,
    merge: true,
    strict: true,
    prettyErrors: false,
    stringKeys: true,
  })
  if (!Array.isArray(parsed)) return { ok: true, documents: [] }
  if (parsed.length > bounds.documents)
    return { ok: false, line: 1, reason: `there are more than ${bounds.documents} documents` }
  const documents: ReadDocument[] = []
  let expanded = 0
  for (const document of parsed) {
    const start = lines.linePos(document.contents?.range?.[0] ?? 0).line
    const [error] = document.errors
    if (error !== undefined) return { ok: false, line: lines.linePos(error.pos[0]).line, reason: error.message }
    let forbidden: number | undefined
    visit(document, {
      Pair: (_, pair) => {
        const { key } = pair
        const name: unknown = typeof key === 'object' && key !== null && 'value' in key ? key.value : key
        if (name !== '__proto__') return undefined
        const range: unknown = typeof key === 'object' && key !== null && 'range' in key ? key.range : undefined
        forbidden = lines.linePos(Array.isArray(range) ? Number(range[0]) : 0).line
        return visit.BREAK
      },
    })
    if (forbidden !== undefined) return { ok: false, line: forbidden, reason: 'the key __proto__ is not allowed' }
    let value: unknown
    try {
      value = document.toJS({ maxAliasCount: 100 })
    } catch (thrown) {
      return { ok: false, line: start, reason: thrown instanceof Error ? thrown.message : 'it cannot be read' }
    }
    if (value === null || value === undefined) continue
    const size = JSON.stringify(value).length
    expanded += size
    if (expanded > bounds.expanded)
      return {
        ok: false,
        line: start,
        reason: `with aliases written out it has more than ${bounds.expanded} characters`,
      }
    documents.push({ line: start, value })
  }
  return { ok: true, documents }
}

/** Looks at the tokens alone, which is fast and needs little memory, before anything is built from them. */
function countTokens(text: string): ReadResult | undefined {
  let line = 1
  let anchors = 0
  let aliases = 0
  let depth = 0
  for (const token of new Lexer().lex(text)) {
    const type = CST.tokenType(token)
    if (type === 'anchor' && ++anchors > bounds.anchors)
      return { ok: false, line, reason: `there are more than ${bounds.anchors} anchors` }
    if (type === 'alias' && ++aliases > bounds.aliases)
      return { ok: false, line, reason: `there are more than ${bounds.aliases} aliases` }
    if (type === 'flow-map-start' || type === 'flow-seq-start') depth++
    if (type === 'flow-map-end' || type === 'flow-seq-end') depth--
    // block collections nest by indentation: two columns each at the least, or "- - - " in one line
    const indented = type === 'space' ? Math.floor(token.length / 2) : 0
    if (depth > bounds.depth || indented > bounds.depth * 2 || /^(?:- ){101}/.test(token))
      return { ok: false, line, reason: `it nests deeper than ${bounds.depth}` }
    for (let at = token.indexOf('\n'); at >= 0; at = token.indexOf('\n', at + 1)) line++
  }
  return undefined
}
