import { FlotillaError } from '@flotilla/model/errors'
import { answerQuestions } from '../thread/answer-questions.ts'
import { tooSlowToParse, writeQuickJson } from '../thread/write-quick-json.ts'
import { parseDocuments } from './parse-documents.ts'
import type { YamlThreadQuestion } from './parse-yaml.ts'

/**
 * The documents as a list in JSON that the main thread parses in a short turn. What a text becomes with its aliases
 * written out is bounded by a constant, not by how long the text is, in which comments would count.
 */
function writeDocuments(documents: readonly unknown[], field: string): string {
  const json = writeQuickJson(documents)
  if (json !== undefined) return json
  throw new FlotillaError('input.yaml', {
    message: `Line 1: it has ${tooSlowToParse} with its aliases written out`,
    remedy: 'Take out aliases, or give less',
    field: `${field}:1`,
  })
}

// a text may be wrong in each of its tokens: the parser's errors must not carry a stack each, which nobody reads
Error.stackTraceLimit = 0

answerQuestions<YamlThreadQuestion, string>(({ bytes, field, doubledKeys }) =>
  writeDocuments(parseDocuments(bytes, field, doubledKeys), field),
)
