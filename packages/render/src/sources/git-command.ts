import { FlotillaError } from '@flotilla/model'
import { checkEntryName, defaultArchiveLimits } from '../archive/archive-limits.ts'
import type { SourceFile } from '../archive/file-tree.ts'
import type { FetchedCommit, GitCommits } from './git-commits.ts'
import { followLinks, linkTargets, type TreeEntry, type TreeFile } from './git-tree.ts'
import { type GitRemote, openRepository } from './run-git.ts'

/** Which commit a ref of a remote names now. */
export async function listRemote(remote: GitRemote, ref: string, signal: AbortSignal, field: string): Promise<string> {
  await using repository = await openRepository(remote, signal, field)
  const lines = (await repository.git(['ls-remote', '--quiet', '--', remote.url])).toString('utf8').split('\n')
  const refs = new Map(lines.map((line) => line.split('\t')).map(([commit = '', name = '']) => [name, commit]))
  for (const name of [ref, `refs/tags/${ref}`, `refs/heads/${ref}`]) {
    const commit = refs.get(`${name}^{}`) ?? refs.get(name)
    if (commit !== undefined) return commit
  }
  throw new FlotillaError('source.not_found', {
    message: `The repository has no branch or tag ${ref}`,
    field: `${field}.ref`,
    value: ref,
  })
}

/** The files of one commit, or those of one folder of it with what links in it point to; nothing is ever checked out. */
export async function readCommit(
  commits: GitCommits,
  remote: GitRemote,
  commit: string,
  folder: string,
  signal: AbortSignal,
  field: string,
): Promise<{ commit: string; files: SourceFile[] }> {
  return commits.use(remote, commit, { signal, field }, async (fetched) => ({
    commit: fetched.commit,
    files: followLinks(await readWithin(fetched, folder, field)),
  }))
}

const maxRounds = 10

/** The files of a folder, and those outside it that its links lead to. */
async function readWithin({ tree, read }: FetchedCommit, folder: string, field: string): Promise<TreeFile[]> {
  const chosen = new Set<TreeEntry>()
  const files: TreeFile[] = []
  let wanted = new Set(folder === '' ? [] : [folder])
  for (let round = 0; round < maxRounds; round++) {
    const more = tree.filter((entry) => entry.type === 'blob' && !chosen.has(entry) && isWanted(entry.path))
    for (const entry of more) chosen.add(entry)
    checkSize([...chosen], folder, field)
    const found = await read(more)
    files.push(...found)
    wanted = linkTargets(found)
    if (wanted.size === 0 || folder === '') break
  }
  return files

  function isWanted(path: string): boolean {
    if (folder === '' || wanted.has(path)) return true
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
      if (wanted.has(path.slice(0, at))) return true
    return false
  }
}

function checkSize(entries: readonly TreeEntry[], folder: string, field: string): void {
  const limits = defaultArchiveLimits
  for (const { path } of entries) checkEntryName(path)
  const bytes = entries.reduce((sum, { size }) => sum + size, 0)
  if (entries.length <= limits.entries && bytes <= limits.bytes) return
  const place = folder === '' ? 'The repository' : `The folder ${folder}, with what its links lead to,`
  throw new FlotillaError('input.too_large', {
    message: `${place} has ${entries.length} files of ${bytes} bytes; at most ${limits.entries} files of ${limits.bytes} bytes are read`,
    remedy:
      folder === ''
        ? 'Name the folder that is meant with path; a kustomization is read with its whole repository: move it to a smaller one'
        : 'Name a smaller folder with path, or move what is delivered to a folder of its own',
    field: folder === '' ? field : `${field}.path`,
    value: folder,
  })
}
