import { setImmediate as nextTurn } from 'node:timers/promises'
import { posix } from 'node:path'
import { defaultArchiveLimits, refuseEntry } from '../archive/archive-limits.ts'
import type { SourceFile } from '../archive/file-tree.ts'

export interface TreeEntry {
  readonly path: string
  readonly type: string
  readonly id: string
  readonly size: number
  readonly link: boolean
}

export interface TreeFile extends SourceFile {
  readonly link: boolean
}

/** Parses `git ls-tree -r -z -l`. */
export function parseTree(output: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = []
  for (const line of output.toString('utf8').split('\0')) {
    const match = /^(\d+) (\w+) ([0-9a-f]+) +(\d+|-)\t(.+)$/s.exec(line)
    if (match === null) continue
    const [, mode = '', type = '', id = '', size = '', path = ''] = match
    entries.push({ path, type, id, size: size === '-' ? 0 : Number(size), link: mode === '120000' })
  }
  return entries
}

/** Parses `git cat-file --batch` for the entries that were asked for, in their order. */
export async function readBlobs(output: Buffer, entries: readonly TreeEntry[]): Promise<TreeFile[]> {
  const files: TreeFile[] = []
  let at = 0
  for (const [index, { path, link }] of entries.entries()) {
    const end = output.indexOf(10, at)
    const size = Number(/^[0-9a-f]+ blob (\d+)$/.exec(output.toString('latin1', at, end))?.[1])
    if (!Number.isInteger(size)) refuseEntry(path, 'is missing in the repository')
    files.push({ path, link, data: output.subarray(end + 1, end + 1 + size) })
    at = end + 1 + size + 1
    if (index % 1000 === 999) await nextTurn()
  }
  return files
}

/** Where the links among these files point to inside the repository, as far as they do. */
export function linkTargets(files: readonly TreeFile[]): Set<string> {
  return new Set(files.filter(({ link }) => link).flatMap((file) => targetOf(file) ?? []))
}

const maxHops = 10

/** Replaces links to files of the same tree by those files; links to folders are followed, links that lead out are dropped. */
export function followLinks(files: readonly TreeFile[]): SourceFile[] {
  const known = new Map(files.map((file) => [file.path, file]))
  const links = files.filter((file) => file.link)
  const plain = files.filter((file) => !file.link).map(({ path, data }) => ({ path, data }))
  const found: SourceFile[] = []
  for (const link of links) {
    const target = follow(link, known)
    if (target === undefined) continue
    const file = known.get(target)
    if (file !== undefined) found.push({ path: link.path, data: file.data })
    else {
      for (const inner of plain) {
        if (inner.path.startsWith(`${target}/`))
          found.push({ path: link.path + inner.path.slice(target.length), data: inner.data })
      }
    }
    // Links to folders multiply files.
    if (plain.length + found.length > defaultArchiveLimits.entries)
      refuseEntry(link.path, 'is a link to too many files')
  }
  return [...plain, ...found]
}

/** Where a chain of links ends, inside the tree; undefined when it leads out or round. */
function follow(link: TreeFile, known: ReadonlyMap<string, TreeFile>): string | undefined {
  let current = link
  for (let hop = 0; hop < maxHops; hop++) {
    const target = targetOf(current)
    if (target === undefined) return undefined
    const next = known.get(target)
    if (next === undefined || !next.link) return target
    current = next
  }
  return undefined
}

function targetOf({ path, data }: TreeFile): string | undefined {
  const text = Buffer.from(data).toString('utf8')
  const target = posix.normalize(posix.join(posix.dirname(path), text)).replace(/\/$/, '')
  const leadsOut = posix.isAbsolute(text) || target === '..' || target.startsWith('../') || target === '.'
  return leadsOut ? undefined : target
}
