import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { FlotillaError } from '@flotilla/model'

const block = 512
const longestName = 100
const longestPrefix = 155

/** A gzipped tar (POSIX ustar) of these files. The same files give the same bytes. */
export async function packArchive(files: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for (const [path, content] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    parts.push(header(path, content.length), content, new Uint8Array((block - (content.length % block)) % block))
  }
  parts.push(new Uint8Array(2 * block))
  return promisify(gzip)(Buffer.concat(parts), { level: 9 })
}

function header(path: string, size: number): Uint8Array {
  const bytes = Buffer.alloc(block)
  const { prefix, name } = splitPath(path)
  bytes.write(name, 0, 'utf8')
  bytes.write(`0000644\0${'0000000\0'.repeat(2)}`, 100, 'latin1')
  bytes.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1')
  bytes.write(`${'0'.repeat(11)}\0`, 136, 'latin1')
  bytes.write(' '.repeat(8), 148, 'latin1')
  bytes.write('0', 156, 'latin1')
  bytes.write('ustar\x0000', 257, 'latin1')
  bytes.write(prefix, 345, 'utf8')
  const sum = bytes.reduce((all, byte) => all + byte, 0)
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return bytes
}

function splitPath(path: string): { prefix: string; name: string } {
  const fits = (text: string, longest: number): boolean => Buffer.byteLength(text) <= longest
  if (fits(path, longestName)) return { prefix: '', name: path }
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)]
    if (fits(prefix, longestPrefix) && fits(name, longestName)) return { prefix, name }
  }
  throw new FlotillaError('archive.refused', { message: `The name ${path} is too long for an archive`, value: path })
}
