import { parentPort } from 'node:worker_threads'
import { asFlotillaError } from '@flotilla/model/errors'
import { parseDocuments } from './parse-documents.ts'
import type { YamlThreadAnswer } from './parse-yaml.ts'

function answer(bytes: Uint8Array, field: string): YamlThreadAnswer {
  try {
    return { documents: parseDocuments(bytes, field).map((document) => JSON.stringify(document)) }
  } catch (thrown) {
    return { error: asFlotillaError(thrown).toJSON() }
  }
}

// sent by parse-yaml.ts, one at a time
parentPort?.on('message', ({ bytes, field }: { bytes: Uint8Array; field: string }) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of worker_threads has no origin
  parentPort?.postMessage(answer(bytes, field))
})
