import { FlotillaError } from '@flotilla/model'
import { KeptThread } from '../thread/kept-thread.ts'
import { parseDocuments } from './parse-documents.ts'

export interface ParseYamlOptions {
  /** Names the input in errors. */
  readonly field: string
  /** Default 2 MiB. */
  readonly maxBytes?: number | undefined
  /** Helm lets a key be there twice; what it wrote is read as it reads it. Refused by default. */
  readonly doubledKeys?: 'refused' | 'last counts' | undefined
  readonly signal?: AbortSignal | undefined
}

/** What the thread is asked. */
export interface YamlThreadQuestion {
  readonly bytes: Uint8Array
  readonly field: string
  readonly doubledKeys: 'refused' | 'last counts'
}

const defaultMaxBytes = 2 * 1024 * 1024
/** Below this, even hostile input takes a few milliseconds. */
const inlineBytes = 4 * 1024
/** Answers with the list of documents, as JSON. */
const yamlThread = new KeptThread<YamlThreadQuestion, string>(new URL('yaml-thread.ts', import.meta.url))

/**
 * Parses YAML (or JSON) that somebody sent; larger input is parsed in a thread of its own with bounded time and memory, so
 * that nothing stalls. Errors: `input.yaml` with the line, `input.too_large`.
 */
export async function parseYaml(input: string | Uint8Array, options: ParseYamlOptions): Promise<unknown[]> {
  const { field, signal, doubledKeys = 'refused' } = options
  const maxBytes = options.maxBytes ?? defaultMaxBytes
  const bytes = typeof input === 'string' ? Buffer.from(input) : input
  if (bytes.length > maxBytes) {
    throw new FlotillaError('input.too_large', {
      message: `The YAML has ${bytes.length} bytes; the limit is ${maxBytes}`,
      field,
    })
  }
  signal?.throwIfAborted()
  if (bytes.length <= inlineBytes) return parseDocuments(bytes, field, doubledKeys)
  const tooMuch = (): FlotillaError =>
    new FlotillaError('input.yaml', {
      message: 'The YAML takes too much time or memory to read',
      remedy: 'Take out anchors, aliases and deep nesting',
      field,
    })
  const documents: unknown = JSON.parse(await yamlThread.ask({ bytes, field, doubledKeys }, { tooMuch, signal }))
  return Array.isArray(documents) ? documents : []
}
