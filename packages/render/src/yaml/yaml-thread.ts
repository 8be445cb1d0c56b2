import { parentPort } from 'node:worker_threads'
import { asFlotillaError, FlotillaError } from '@flotilla/model/errors'
import { parseDocuments } from './parse-documents.ts'
import type { YamlThreadAnswer, YamlThreadQuestion } from './parse-yaml.ts'

function answer({ bytes, field, doubledKeys }: YamlThreadQuestion): YamlThreadAnswer {
  try {
    return { documents: writeDocuments(parseDocuments(bytes, field, doubledKeys), bytes.length, field) }
  } catch (thrown) {
    return { error: asFlotillaError(thrown).toJSON() }
  }
}

/** Characters of JSON that a small text may become once its aliases are written out. */
const mostExpanded = 4 * 1024 * 1024

/** As JSON; whoever reads it does so on the main thread, so that it must not be much longer than what was sent. */
function writeDocuments(documents: readonly unknown[], sent: number, field: string): string[] {
  let left = Math.max(mostExpanded, 4 * sent)
  return documents.map((document, at) => {
    const text = JSON.stringify(document)
    left -= text.length
    if (left >= 0) return text
    throw new FlotillaError('input.yaml', {
      message: `Line 1: up to document ${at + 1} it is too large with its aliases written out`,
      remedy: 'Take out aliases',
      field: `${field}:1`,
    })
  })
}

// a text may be wrong in each of its tokens: the parser's errors must not carry a stack each, which nobody reads
Error.stackTraceLimit = 0

// sent by parse-yaml.ts, one at a time
parentPort?.on('message', (question: YamlThreadQuestion) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of worker_threads has no origin
  parentPort?.postMessage(answer(question))
})
