import { parentPort } from 'node:worker_threads'
import { asFlotillaError } from '@flotilla/model/errors'
import { parseDocuments } from './parse-documents.ts'
import type { YamlThreadAnswer, YamlThreadQuestion } from './parse-yaml.ts'

function answer({ bytes, field, doubledKeys }: YamlThreadQuestion): YamlThreadAnswer {
  try {
    return { documents: parseDocuments(bytes, field, doubledKeys).map((document) => JSON.stringify(document)) }
  } catch (thrown) {
    return { error: asFlotillaError(thrown).toJSON() }
  }
}

// sent by parse-yaml.ts, one at a time
parentPort?.on('message', (question: YamlThreadQuestion) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of worker_threads has no origin
  parentPort?.postMessage(answer(question))
})
