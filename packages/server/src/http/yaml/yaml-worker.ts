import { parentPort } from 'node:worker_threads'
import { readDocuments, type ReadResult } from './read-documents.ts'

parentPort?.on('message', (text: string) => {
  let result: ReadResult
  try {
    result = readDocuments(text)
  } catch (thrown) {
    // too deep for the stack, for instance
    result = { ok: false, line: 1, reason: thrown instanceof Error ? thrown.message : 'it cannot be read' }
  }
  parentPort?.postMessage(result)
})
