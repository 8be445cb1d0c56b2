import { parentPort } from 'node:worker_threads'
import { readDocuments } from './read-documents.ts'

// a text may be wrong in each of its tokens: the parser's errors must not carry a stack each, which nobody reads
Error.stackTraceLimit = 0

parentPort?.on('message', ({ text, field }: { text: string; field: string }) => {
  // eslint-disable-next-line unicorn/require-post-message-target-origin -- a worker's port has no origin
  parentPort?.postMessage(readDocuments(text, field))
})
