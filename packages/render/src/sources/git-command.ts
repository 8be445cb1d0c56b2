import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FlotillaError } from '@flotilla/model'
import { checkEntryName, defaultArchiveLimits } from '../archive/archive-limits.ts'
import type { SourceFile } from '../archive/file-tree.ts'
import { followLinks, linkTargets, parseTree, readBlobs, type TreeEntry, type TreeFile } from './git-tree.ts'

export interface GitRemote {
  readonly url: string
  /** `host:port:address,...` for curl; the name is not resolved again. */
  readonly resolve: string | undefined
  readonly authorization: string | undefined
  readonly ca: string | undefined
}

const timeLimit = 120_000
const maxRepositoryBytes = 512 * 1024 * 1024
const maxOutput = 256 * 1024 * 1024
const watchEvery = 500

/** Which commit a ref of a remote names now. */
export async function listRemote(remote: GitRemote, ref: string, signal: AbortSignal, field: string): Promise<string> {
  return inEmptyRepository(remote, signal, field, async (git) => {
    const lines = (await git(['ls-remote', '--quiet', '--', remote.url])).toString('utf8').split('\n')
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
  })
}

/**
 * Fetches one commit, nothing of its history, and reads its files out of the object store: nothing is ever checked out.
 * Of a big repository only one folder is read, and what links in it point to.
 */
export async function fetchCommit(
  remote: GitRemote,
  commit: string,
  folder: string,
  signal: AbortSignal,
  field: string,
): Promise<{ commit: string; files: SourceFile[] }> {
  return inEmptyRepository(remote, signal, field, async (git) => {
    await git(['fetch', '--quiet', '--depth=1', '--no-tags', '--no-recurse-submodules', '--', remote.url, commit])
    const found = (await git(['rev-parse', '--verify', 'FETCH_HEAD^{commit}'])).toString('utf8').trim()
    const tree = parseTree(await git(['ls-tree', '-r', '-z', '-l', '--full-tree', found]))
    const read = async (entries: readonly TreeEntry[]): Promise<TreeFile[]> =>
      readBlobs(await git(['cat-file', '--batch', '--buffer'], entries.map(({ id }) => `${id}\n`).join('')), entries)
    return { commit: found, files: followLinks(await readWithin(tree, folder, read, field)) }
  })
}

const maxRounds = 10

/** The files of a folder, and those outside it that its links lead to. */
async function readWithin(
  tree: readonly TreeEntry[],
  folder: string,
  read: (entries: readonly TreeEntry[]) => Promise<TreeFile[]>,
  field: string,
): Promise<TreeFile[]> {
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

type Git = (args: readonly string[], input?: string) => Promise<Buffer>

async function inEmptyRepository<Result>(
  remote: GitRemote,
  signal: AbortSignal,
  field: string,
  use: (git: Git) => Promise<Result>,
): Promise<Result> {
  const limit = AbortSignal.timeout(timeLimit)
  const tooBig = new AbortController()
  const stop = AbortSignal.any([signal, limit, tooBig.signal])
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-git-'))
  const watch = setInterval(() => {
    void sizeOf(folder).then((bytes) => bytes > maxRepositoryBytes && tooBig.abort())
  }, watchEvery)
  const fail = (detail: string, cause?: unknown): unknown => {
    signal.throwIfAborted()
    if (tooBig.signal.aborted) {
      return new FlotillaError('input.too_large', {
        message: `The repository is larger than ${maxRepositoryBytes} bytes at that commit`,
        field: `${field}.url`,
      })
    }
    const message = limit.aborted ? `Git took longer than ${timeLimit / 1000} seconds` : explain(detail)
    return new FlotillaError('source.unreachable', { message, field: `${field}.url`, cause })
  }
  try {
    const environment = await environmentFor(remote, folder)
    const git: Git = (args, input) => runGit(args, { folder, environment, input, stop, fail })
    await git(['init', '--quiet', '--bare', '--template=', '.'])
    return await use(git)
  } finally {
    clearInterval(watch)
    await rm(folder, { recursive: true, force: true })
  }
}

/** Everything that decides what git does is here; nothing of this machine's configuration takes part. */
async function environmentFor(remote: GitRemote, folder: string): Promise<NodeJS.ProcessEnv> {
  const settings: [string, string][] = [
    ['core.hooksPath', '/dev/null'],
    ['core.fsmonitor', 'false'],
    ['credential.helper', ''],
    ['fetch.recurseSubmodules', 'false'],
    ['fetch.fsckObjects', 'true'],
    ['gc.auto', '0'],
    ['maintenance.auto', 'false'],
    ['http.followRedirects', 'false'],
    ['http.lowSpeedLimit', '1000'],
    ['http.lowSpeedTime', '30'],
    ['http.proxy', ''],
  ]
  if (remote.resolve !== undefined) settings.push(['http.curloptResolve', remote.resolve])
  // In the environment a header is seen by this user's processes only; arguments are seen by everyone.
  if (remote.authorization !== undefined) settings.push(['http.extraHeader', `Authorization: ${remote.authorization}`])
  if (remote.ca !== undefined) {
    const file = join(folder, 'ca.pem')
    await writeFile(file, remote.ca, { mode: 0o600 })
    settings.push(['http.sslCAInfo', file])
  }
  const environment: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    HOME: folder,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '/bin/false',
    GIT_ALLOW_PROTOCOL: new URL(remote.url).protocol.slice(0, -1),
    GIT_CONFIG_COUNT: String(settings.length),
  }
  for (const [index, [key, value]] of settings.entries()) {
    environment[`GIT_CONFIG_KEY_${index}`] = key
    environment[`GIT_CONFIG_VALUE_${index}`] = value
  }
  return environment
}

interface GitRun {
  readonly folder: string
  readonly environment: NodeJS.ProcessEnv
  readonly input: string | undefined
  readonly stop: AbortSignal
  readonly fail: (detail: string, cause?: unknown) => unknown
}

async function runGit(args: readonly string[], run: GitRun): Promise<Buffer> {
  run.stop.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  // A group of its own, so that the transport helper ends with it.
  const child = spawn('git', args, { cwd: run.folder, env: run.environment, stdio: 'pipe', detached: true })
  const end = (): void => {
    if (child.pid === undefined) return
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It has ended already.
    }
  }
  const chunks: Buffer[] = []
  let size = 0
  let words = ''
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= maxOutput) chunks.push(chunk)
    else end()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    if (words.length < 4096) words += chunk.toString('utf8')
  })
  child.stdin.on('error', () => undefined)
  child.on('error', (cause) => reject(run.fail('git cannot be started', cause)))
  child.on('close', (code) => (code === 0 ? resolve(Buffer.concat(chunks)) : reject(asReason(() => run.fail(words)))))
  run.stop.addEventListener('abort', end, { once: true })
  child.stdin.end(run.input ?? '')
  try {
    return await promise
  } finally {
    run.stop.removeEventListener('abort', end)
  }
}

/** The reason of an abort is thrown; everything else is returned. */
function asReason(make: () => unknown): unknown {
  try {
    return make()
  } catch (thrown) {
    return thrown
  }
}

/** Git's own words may hold the remote's; only what is known is passed on. */
function explain(words: string): string {
  if (/not our ref|couldn't find remote ref|unadvertised object/i.test(words))
    return 'The repository does not give out that commit'
  if (/authentication failed|could not read username/i.test(words))
    return 'The repository does not take these credentials'
  if (/ssl|certificate/i.test(words)) return "The repository's certificate is not trusted"
  if (/redirect/i.test(words)) return 'The repository has moved'
  if (words === 'git cannot be started') return 'git is not installed on the server'
  return 'The repository cannot be fetched'
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  for (const name of names)
    bytes += await stat(join(folder, name)).then(
      (s) => s.size,
      () => 0,
    )
  return bytes
}
