import { gunzip, gzip } from 'node:zlib'
import { promisify } from 'node:util'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { BlobStore } from './types.ts'

const pack = promisify(gzip)
const unpack = promisify(gunzip)
const maxStored = 256 * 1024 * 1024
const partsPerTurn = 512 * 1024

interface Held {
  readonly parts: readonly unknown[]
  readonly bytes: number
}

/**
 * Keeps lists of JSON values by key: in memory up to a number of bytes, least recently used out first, and in a blob store
 * that outlives the process. A blob that cannot be read counts as missing. What comes out must not be changed.
 */
export class RenderedCache {
  readonly #held = new Map<string, Held>()
  readonly #maxBytes: number
  readonly #blobs: BlobStore | undefined
  #bytes = 0

  constructor(maxBytes: number, blobs: BlobStore | undefined) {
    this.#maxBytes = maxBytes
    this.#blobs = blobs
  }

  get bytes(): number {
    return this.#bytes
  }

  async get(key: string): Promise<readonly unknown[] | undefined> {
    const held = this.#held.get(key)
    if (held !== undefined) {
      this.#held.delete(key)
      this.#held.set(key, held)
      return held.parts
    }
    const blob = await this.#blobs?.get(key)
    if (blob === undefined) return undefined
    const lines = await readLines(blob)
    if (lines !== undefined) this.#hold(key, lines.parts, lines.bytes)
    return lines?.parts
  }

  async put(key: string, parts: readonly unknown[]): Promise<void> {
    const lines: string[] = []
    let bytes = 0
    let since = 0
    for (const part of parts) {
      const line = JSON.stringify(part)
      lines.push(line)
      bytes += line.length
      since += line.length
      if (since > partsPerTurn) {
        since = 0
        await nextTurn()
      }
    }
    this.#hold(key, parts, bytes)
    if (this.#blobs !== undefined) await this.#blobs.put(key, await pack(lines.join('\n')))
  }

  #hold(key: string, parts: readonly unknown[], bytes: number): void {
    // Objects take about twice their JSON.
    const size = bytes * 2 + key.length
    if (size > this.#maxBytes) return
    this.#drop(key)
    this.#held.set(key, { parts, bytes: size })
    this.#bytes += size
    for (const oldest of this.#held.keys()) {
      if (this.#bytes <= this.#maxBytes) break
      this.#drop(oldest)
    }
  }

  #drop(key: string): void {
    const held = this.#held.get(key)
    if (held === undefined) return
    this.#held.delete(key)
    this.#bytes -= held.bytes
  }
}

async function readLines(blob: Uint8Array): Promise<{ parts: unknown[]; bytes: number } | undefined> {
  try {
    const text = (await unpack(blob, { maxOutputLength: maxStored })).toString('utf8')
    const parts: unknown[] = []
    let since = 0
    for (const line of text.split('\n')) {
      parts.push(JSON.parse(line))
      since += line.length
      if (since > partsPerTurn) {
        since = 0
        await nextTurn()
      }
    }
    return { parts, bytes: text.length }
  } catch {
    return undefined
  }
}
