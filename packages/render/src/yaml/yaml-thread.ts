import { parentPort, workerData } from 'node:worker_threads'
import { asFlotillaError } from '@flotilla/model'
import { parseDocuments } from './parse-documents.ts'
import type { YamlThreadAnswer } from './parse-yaml.ts'

const { bytes, field } = workerData as { bytes: Uint8Array; field: string } // set by parse-yaml.ts

function answer(): YamlThreadAnswer {
  try {
    return { documents: parseDocuments(bytes, field).map((document) => JSON.stringify(document)) }
  } catch (thrown) {
    return { error: asFlotillaError(thrown).toJSON() }
  }
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of worker_threads has no origin
parentPort?.postMessage(answer())
