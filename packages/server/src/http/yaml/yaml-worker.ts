import { parentPort } from 'node:worker_threads'
import { readDocuments } from './read-documents.ts'

parentPort?.on('message', ({ text, field }: { text: string; field: string }) => {
  // eslint-disable-next-line unicorn/require-post-message-target-origin -- a worker's port has no origin
  parentPort?.postMessage(readDocuments(text, field))
})
