import { hash } from 'node:crypto'
import { parseTree, readBlobs, type TreeEntry, type TreeFile } from './git-tree.ts'
import { type GitRemote, openRepository } from './run-git.ts'

/** One commit as it lies on this machine. */
export interface FetchedCommit {
  readonly commit: string
  readonly tree: readonly TreeEntry[]
  read(entries: readonly TreeEntry[]): Promise<TreeFile[]>
}

interface Asker {
  readonly signal: AbortSignal
  readonly field: string
}

interface Kept {
  readonly fetched: Promise<FetchedCommit>
  /** Bytes on disk. */
  readonly size: Promise<number>
  users: number
  timer?: NodeJS.Timeout
  remove(): void
}

/** After its last use. A commit that many applications name is asked for by all of them within seconds. */
const keptMs = 60_000
const mostKept = 16
const mostKeptBytes = 512 * 1024 * 1024
/** Files of a commit that has less are read once, into memory. */
const mostInMemory = 4 * 1024 * 1024

/**
 * Commits that were fetched a moment ago, with nothing of their history: many applications of one repository fetch it once.
 * Who asks shows the host first that it may read the repository; what was fetched with other credentials is not shared.
 */
export class GitCommits implements AsyncDisposable {
  readonly #kept = new Map<string, Kept>()
  readonly #closed = new AbortController()
  readonly #removals = new Set<Promise<void>>()

  /** Errors: `source.unreachable`, `input.too_large`, and the reason of the asker's signal. */
  async use<Result>(
    remote: GitRemote,
    commit: string,
    { signal, field }: Asker,
    work: (fetched: FetchedCommit) => Promise<Result>,
  ): Promise<Result> {
    const key = keyOf(remote, commit, field)
    const kept = this.#kept.get(key) ?? this.#fetch(key, remote, commit, field)
    clearTimeout(kept.timer)
    kept.users++
    const done = kept.fetched.then(work).finally(() => this.#leave(kept))
    return untilAborted(done, signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new Error('The renderer was closed'))
    for (const kept of this.#kept.values()) kept.remove()
    await Promise.all(this.#removals)
  }

  #fetch(key: string, remote: GitRemote, commit: string, field: string): Kept {
    const repository = openRepository(remote, this.#closed.signal, field)
    const fetched = repository.then(async ({ git }): Promise<FetchedCommit> => {
      await git(['fetch', '--quiet', '--depth=1', '--no-tags', '--no-recurse-submodules', '--', remote.url, commit])
      const found = (await git(['rev-parse', '--verify', 'FETCH_HEAD^{commit}'])).toString('utf8').trim()
      const tree = parseTree(await git(['ls-tree', '-r', '-z', '-l', '--full-tree', found]))
      const readNow = async (entries: readonly TreeEntry[]): Promise<TreeFile[]> =>
        readBlobs(await git(['cat-file', '--batch', '--buffer'], entries.map(({ id }) => `${id}\n`).join('')), entries)
      const blobs = tree.filter(({ type }) => type === 'blob')
      if (blobs.reduce((sum, { size }) => sum + size, 0) > mostInMemory) return { commit: found, tree, read: readNow }
      const files = new Map((await readNow(blobs)).map((file) => [file.path, file]))
      const read = (entries: readonly TreeEntry[]): Promise<TreeFile[]> =>
        Promise.resolve(entries.flatMap(({ path }) => files.get(path) ?? []))
      return { commit: found, tree, read }
    })
    const remove = (): void => {
      clearTimeout(kept.timer)
      if (this.#kept.get(key) === kept) this.#kept.delete(key)
      const removal = fetched
        .then(
          () => repository,
          () => repository,
        )
        .then((opened) => opened[Symbol.asyncDispose]())
        .catch(() => undefined)
        .finally(() => this.#removals.delete(removal))
      this.#removals.add(removal)
    }
    const size = fetched.then(async () => (await repository).size()).catch(() => 0)
    const kept: Kept = { fetched, size, users: 0, remove }
    this.#kept.set(key, kept)
    // what failed is asked for anew by the next one
    fetched.catch(remove)
    return kept
  }

  #leave(kept: Kept): void {
    kept.users--
    if (kept.users > 0) return
    kept.timer = setTimeout(() => kept.remove(), keptMs).unref()
    void this.#makeRoom()
  }

  /** What nobody uses goes, the oldest first, until the others fit. */
  async #makeRoom(): Promise<void> {
    let bytes = 0
    let count = 0
    for (const kept of [...this.#kept.values()].toReversed()) {
      bytes += await kept.size
      count++
      if (kept.users === 0 && (count > mostKept || bytes > mostKeptBytes)) kept.remove()
    }
  }
}

/** Errors name the field of whoever asked first, so that only askers with the same one share. */
const keyOf = ({ url, authorization, ca }: GitRemote, commit: string, field: string): string =>
  hash('sha256', JSON.stringify([url, authorization, ca, commit, field]), 'hex')

/** Whoever asked may go; the work is done for the others. */
async function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>()
  const leave = (): void => reject(signal.reason as Error)
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}
