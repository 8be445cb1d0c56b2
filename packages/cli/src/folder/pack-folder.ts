import { createHash } from 'node:crypto'
import { lstat, opendir, readFile } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { Header } from 'tar'
import { UsageError } from '../exit.ts'

const zip = promisify(gzip)

export interface PackedFolder {
  readonly digest: string
  readonly bytes: Uint8Array
  readonly files: number
}

const mostFiles = 5000
const mostBytes = 64 * 1024 * 1024
/** Never part of a chart or of manifests. */
const leftOut = new Set(['.git', '.svn', '.hg', 'node_modules', '.DS_Store', '.idea', '.vscode'])

/**
 * Packs a folder as .tgz. The same files give the same bytes, whoever packs them and when: sorted, without times, owners
 * or rights. A chart lies in a folder of its name, as `helm package` has it; everything else lies at the root.
 */
export async function packFolder(folder: string, layout: 'chart' | 'root'): Promise<PackedFolder> {
  const paths = (await listFiles(folder)).sort((a, b) => (a < b ? -1 : 1))
  if (paths.length === 0) throw new UsageError(`${folder} has no files`)
  if (layout === 'chart' && !paths.includes('Chart.yaml'))
    throw new UsageError(`${folder} is no chart: it has no Chart.yaml`)
  const top = layout === 'chart' ? `${basename(folder)}/` : ''
  const parts: Buffer[] = []
  let total = 0
  for (const path of paths) {
    const content = await readFile(join(folder, path))
    total += content.length
    if (total > mostBytes) throw new UsageError(`${folder} has more than ${mostBytes / 2 ** 20} MiB`)
    parts.push(entryHead(`${top}${path}`, content.length), content, Buffer.alloc(-content.length & 511))
  }
  parts.push(Buffer.alloc(1024))
  const bytes = await zip(Buffer.concat(parts), { level: 9 })
  // RFC 1952: the operating system that packed it, which says nothing of the content
  bytes[9] = 255
  return { digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, bytes, files: paths.length }
}

async function listFiles(folder: string): Promise<string[]> {
  const found: string[] = []
  const waiting = [folder]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for await (const entry of await opendir(at)) {
      if (leftOut.has(entry.name)) continue
      const path = join(at, entry.name)
      if (entry.isDirectory()) waiting.push(path)
      else if (entry.isFile()) found.push(relative(folder, path).split(sep).join('/'))
      else throw new UsageError(`${path} is a link or no plain file, which is not packed; put the file itself there`)
      if (found.length > mostFiles) throw new UsageError(`${folder} has more than ${mostFiles} files`)
    }
  }
  return found
}

function entryHead(path: string, size: number): Buffer {
  const head = new Header({ path, size, mode: 0o644, uid: 0, gid: 0, mtime: new Date(0), type: 'File' })
  const block = Buffer.alloc(512)
  if (head.encode(block, 0)) throw new UsageError(`${path} has a name that is too long to be packed`)
  return block
}

/** Whether a path names a folder. */
export async function isFolder(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined))?.isDirectory() === true
}
