import { createGunzip } from 'node:zlib'
import { Readable } from 'node:stream'
import { Parser, type ReadEntry } from 'tar'
import { FlotillaError } from '@flotilla/model'
import { type ArchiveLimits, checkEntryName, defaultArchiveLimits, refuseEntry } from './archive-limits.ts'
import type { SourceFile } from './file-tree.ts'

/** What is left of the limits; archives inside archives share it. */
interface Budget {
  bytes: number
  entries: number
}

/**
 * Unpacks a gzipped tar into memory. Only plain files come out; links, devices, odd names, a file that is there twice
 * and anything above the limits are refused with `archive.refused`, naming the entry.
 */
export async function readArchive(
  bytes: Uint8Array,
  signal?: AbortSignal,
  limits: ArchiveLimits = defaultArchiveLimits,
): Promise<SourceFile[]> {
  const budget: Budget = { bytes: limits.bytes, entries: limits.entries }
  return unpack(bytes, '', budget, 0, limits, signal)
}

async function unpack(
  bytes: Uint8Array,
  outer: string,
  budget: Budget,
  depth: number,
  limits: ArchiveLimits,
  signal: AbortSignal | undefined,
): Promise<SourceFile[]> {
  const nameOf = (path: string): string => (outer === '' ? path : `${outer}!${path}`)
  if (bytes.length > limits.packedBytes) {
    throw new FlotillaError('archive.refused', {
      message: `The archive has ${bytes.length} bytes; the limit is ${limits.packedBytes}`,
      field: outer === '' ? 'archive' : outer,
    })
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) throw broken(outer, 'it is no gzipped tar')
  const files = new Map<string, SourceFile>()
  let refusal: unknown
  let last = ''
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      try {
        last = entry.path
        accept(entry)
      } catch (thrown) {
        refusal ??= thrown
        entry.resume()
      }
    },
  })
  parser.on('ignoredEntry', (entry) => {
    refusal ??= broken(nameOf(entry.path), `its entry is of the unknown type ${entry.type}`)
  })
  parser.on('error', (cause: unknown) => {
    refusal ??= broken(nameOf(last), cause instanceof Error ? cause.message : String(cause))
  })

  function accept(entry: ReadEntry): void {
    const name = nameOf(entry.path)
    if (--budget.entries < 0) refuseEntry(name, `is one too many; the limit is ${limits.entries}`)
    if (entry.type === 'Directory') {
      if (entry.path !== './' && entry.path !== '.') checkEntryName(entry.path)
      entry.resume()
      return
    }
    if (entry.type !== 'File' && entry.type !== 'OldFile') {
      refuseEntry(name, `is a ${kindOf(entry.type)}`, 'Pack the folder again with the files that links point to')
    }
    const path = checkEntryName(entry.path)
    if (path === '') refuseEntry(name, 'has no name')
    if (files.has(path)) refuseEntry(name, 'is there twice')
    if (entry.size > budget.bytes) refuseEntry(name, `makes the content larger than ${limits.bytes} bytes`)
    budget.bytes -= entry.size
    const chunks: Buffer[] = []
    files.set(path, { path, data: new Uint8Array() })
    entry.on('data', (chunk: Buffer) => chunks.push(chunk))
    entry.on('end', () => files.set(path, { path, data: Buffer.concat(chunks) }))
  }

  const gunzip = createGunzip()
  const input = Readable.from([bytes])
  let out = 0
  try {
    input.on('error', (cause) => gunzip.destroy(cause)).pipe(gunzip)
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      signal?.throwIfAborted()
      out += chunk.length
      if (out > limits.ratioFrom && out > bytes.length * limits.ratio) {
        refuseEntry(nameOf(last), `unpacks to more than ${limits.ratio} times its packed size`)
      }
      // Headers, padding and long names count too: content alone is not the bound.
      if (out > limits.bytes + limits.entries * 2048) refuseEntry(nameOf(last), 'makes the archive too large')
      parser.write(chunk)
      if (refusal !== undefined) throw refusal
    }
    parser.end()
  } catch (cause) {
    if (cause instanceof FlotillaError) throw cause
    signal?.throwIfAborted()
    throw broken(outer, cause instanceof Error ? cause.message : String(cause))
  } finally {
    gunzip.destroy()
  }
  if (refusal !== undefined) throw refusal
  const found = [...files.values()]
  if (found.length === 0) throw broken(outer, 'it holds no file')
  for (const file of found) {
    if (!isInnerArchive(file.path)) continue
    if (depth + 1 >= limits.depth) refuseEntry(nameOf(file.path), 'lies too deep in other archives')
    await unpack(file.data, nameOf(file.path), budget, depth + 1, limits, signal)
  }
  return found
}

/** Packaged subcharts are opened by Helm too, so they are held to the same rules. */
function isInnerArchive(path: string): boolean {
  return /(^|\/)charts\/[^/]+\.tgz$/.test(path)
}

function kindOf(type: string): string {
  if (type === 'SymbolicLink') return 'symbolic link'
  if (type === 'Link') return 'hard link'
  if (type === 'CharacterDevice' || type === 'BlockDevice') return 'device'
  return type === 'FIFO' ? 'pipe' : `special entry (${type})`
}

function broken(outer: string, why: string): FlotillaError {
  return new FlotillaError('archive.refused', {
    message: `The archive${outer === '' ? '' : ` ${JSON.stringify(outer)}`} cannot be read: ${why}`,
    remedy: 'Pack it again as a gzipped tar',
    field: outer === '' ? 'archive' : outer,
  })
}
