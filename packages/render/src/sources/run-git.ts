import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FlotillaError } from '@flotilla/model'

export interface GitRemote {
  readonly url: string
  /** `host:port:address,...` for curl; the name is not resolved again. */
  readonly resolve: string | undefined
  readonly authorization: string | undefined
  readonly ca: string | undefined
}

/** Runs git in a repository of its own; `input` is its standard input. Errors: `source.unreachable`, `input.too_large`. */
export type Git = (args: readonly string[], input?: string) => Promise<Buffer>

export interface GitRepository extends AsyncDisposable {
  readonly git: Git
  /** Bytes on disk. */
  size(): Promise<number>
}

const timeLimit = 120_000
const maxRepositoryBytes = 512 * 1024 * 1024
const maxOutput = 256 * 1024 * 1024
const watchEvery = 500

/** An empty bare repository in a folder of its own, which goes with it; every command has its time and its room. */
export async function openRepository(remote: GitRemote, signal: AbortSignal, field: string): Promise<GitRepository> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-git-'))
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    const environment = await environmentFor(remote, folder)
    const git: Git = (args, input) => runBounded(args, { folder, environment, input, signal, field })
    await git(['init', '--quiet', '--bare', '--template=', '.'])
    return { git, size: () => sizeOf(folder), [Symbol.asyncDispose]: remove }
  } catch (error) {
    await remove()
    throw error
  }
}

interface GitCommand {
  readonly folder: string
  readonly environment: NodeJS.ProcessEnv
  readonly input: string | undefined
  readonly signal: AbortSignal
  readonly field: string
}

async function runBounded(args: readonly string[], { signal, field, ...command }: GitCommand): Promise<Buffer> {
  const limit = AbortSignal.timeout(timeLimit)
  const tooBig = new AbortController()
  const stop = AbortSignal.any([signal, limit, tooBig.signal])
  const watch = setInterval(() => {
    void sizeOf(command.folder).then((bytes) => bytes > maxRepositoryBytes && tooBig.abort())
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
    return await runGit(args, { ...command, stop, fail })
  } finally {
    clearInterval(watch)
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
