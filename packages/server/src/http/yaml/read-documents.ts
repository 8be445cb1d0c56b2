import { asFlotillaError, type ErrorBody } from '@flotilla/model/errors'
import { parseDocuments } from '@flotilla/render/yaml'
import { CST, Lexer } from 'yaml'

export type ReadResult =
  | { readonly ok: true; readonly documents: readonly unknown[] }
  | { readonly ok: false; readonly error: ErrorBody }

export const bounds = {
  documents: 200,
  /** Lines `---` and `...`: empty documents are left out, and take their time all the same. */
  marks: 1000,
  anchors: 200,
  aliases: 1000,
  depth: 100,
  /** Characters of JSON after aliases are written out. */
  expanded: 4 * 1024 * 1024,
} as const

/**
 * Reads YAML (or JSON) of anybody as Kubernetes reads it: bombs, doubled keys and keys that reach into prototypes are
 * refused with their line. It takes as long as it takes: call it in the worker.
 */
export function readDocuments(text: string, field: string): ReadResult {
  const refuse = (line: number, reason: string): ReadResult => ({
    ok: false,
    error: { code: 'input.yaml', message: `Line ${line}: ${reason}`, remedy: 'Mend this line', field },
  })
  const tooMany = countTokens(text)
  if (tooMany !== undefined) return refuse(tooMany.line, tooMany.reason)
  let documents: unknown[]
  try {
    documents = parseDocuments(Buffer.from(text), field)
  } catch (thrown) {
    const error = asFlotillaError(thrown)
    // a stack that was too small for it, for instance
    return error.code === 'internal'
      ? refuse(1, 'it cannot be read')
      : { ok: false, error: { ...error.toJSON(), field } }
  }
  if (documents.length > bounds.documents) return refuse(1, `there are more than ${bounds.documents} documents`)
  let expanded = 0
  for (const [at, document] of documents.entries()) {
    expanded += JSON.stringify(document).length
    if (expanded > bounds.expanded)
      return refuse(
        1,
        `up to document ${at + 1} it has more than ${bounds.expanded} characters with aliases written out`,
      )
  }
  return { ok: true, documents }
}

/** Looks at the tokens alone, which is fast and needs little memory, before anything is built from them. */
function countTokens(text: string): { line: number; reason: string } | undefined {
  let line = 1
  let marks = 0
  let anchors = 0
  let aliases = 0
  let depth = 0
  for (const token of new Lexer().lex(text)) {
    const type = CST.tokenType(token)
    if ((type === 'doc-start' || type === 'doc-end') && ++marks > bounds.marks)
      return { line, reason: `there are more than ${bounds.marks} marks of documents` }
    if (type === 'anchor' && ++anchors > bounds.anchors)
      return { line, reason: `there are more than ${bounds.anchors} anchors` }
    if (type === 'alias' && ++aliases > bounds.aliases)
      return { line, reason: `there are more than ${bounds.aliases} aliases` }
    if (type === 'flow-map-start' || type === 'flow-seq-start') depth++
    if (type === 'flow-map-end' || type === 'flow-seq-end') depth--
    if (depth > bounds.depth) return { line, reason: `it nests deeper than ${bounds.depth}` }
    for (let at = token.indexOf('\n'); at >= 0; at = token.indexOf('\n', at + 1)) line++
  }
  return undefined
}
