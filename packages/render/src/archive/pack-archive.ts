import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { Header } from 'tar'
import { contentDigest } from '../digests.ts'
import { comparePaths, type SourceFile } from './file-tree.ts'

const compress = promisify(gzip)
const block = 512

/** Packs files below one folder name as a gzipped tar; the same files give the same tar. */
export async function packArchive(files: readonly SourceFile[], folder: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for (const { path, data } of [...files].sort((a, b) => comparePaths(a.path, b.path))) {
    parts.push(...headersOf(`${folder}/${path}`, data.length), data)
    const over = data.length % block
    if (over > 0) parts.push(Buffer.alloc(block - over))
  }
  parts.push(Buffer.alloc(2 * block))
  return compress(Buffer.concat(parts))
}

/** `sha256:...` over paths and contents, whatever the packing. */
export function filesDigest(files: readonly SourceFile[]): string {
  const list = [...files]
    .sort((a, b) => comparePaths(a.path, b.path))
    .map(({ path, data }) => `${contentDigest(data)} ${JSON.stringify(path)}\n`)
  return contentDigest(list.join(''))
}

function headersOf(path: string, size: number): Buffer[] {
  const header = new Header({ path, mode: 0o644, uid: 0, gid: 0, size, mtime: new Date(0), type: 'File' })
  const own = Buffer.alloc(block)
  // True means that the name did not fit: a PAX header (POSIX.1-2001) carries it.
  if (!header.encode(own, 0)) return [own]
  const record = paxRecord('path', path)
  const pax = new Header({ path: 'pax', mode: 0o644, size: record.length, mtime: new Date(0), type: 'ExtendedHeader' })
  const extra = Buffer.alloc(block)
  pax.encode(extra, 0)
  const padding = Buffer.alloc((block - (record.length % block)) % block)
  return [extra, record, padding, own]
}

/** `<length> key=value\n`, where the length counts itself. */
function paxRecord(key: string, value: string): Buffer {
  const body = Buffer.byteLength(` ${key}=${value}\n`)
  let length = body + String(body).length
  if (body + String(length).length !== length) length = body + String(length).length
  return Buffer.from(`${length} ${key}=${value}\n`)
}
