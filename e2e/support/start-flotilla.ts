import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type ApiClient, createApiClient } from '@flotilla/api'
import { ensurePart, type Fleet } from '@flotilla/local'

/** A Flotilla server of a test's own: the real process, on a real host cluster, with its own data. */
export interface RunningFlotilla {
  readonly url: string
  readonly dataDir: string
  readonly password: string
  readonly pid: number
  /** A bearer token of the administrator. */
  token(): Promise<string>
  api(): Promise<ApiClient>
  /** kill -9, as a power cut would. Resolves when the process is gone. */
  kill(): Promise<void>
  /** Starts it again on the same data and the same address. */
  restart(env?: Readonly<Record<string, string>>): Promise<void>
  /** Ends it and removes its data. */
  stop(): Promise<void>
  log(): Promise<string>
}

const command = path.resolve(import.meta.dirname, '../../bin/flotilla')

/** One that nobody listens at, at this moment. */
export async function freePort(at: string): Promise<number> {
  const server = createServer()
  server.listen(0, at)
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  server.close()
  await once(server, 'close')
  return port
}

export interface StartOptions {
  readonly fleet: Fleet
  readonly host?: string
  readonly env?: Readonly<Record<string, string>>
  /** Members beside those of the fleet. */
  readonly allowHosts?: readonly string[]
  readonly logLevel?: 'debug' | 'info'
  /** Another address of this machine, which clusters reach. */
  readonly listenAt?: string
  /** One more, beside the first, as `make up` has it for agents of the fleet. */
  readonly alsoListenAt?: string
  /** More of its options. */
  readonly options?: readonly string[]
  /** One of the same database, whose administrator it has. */
  readonly beside?: RunningFlotilla
}

/** Starts a server on the fleet's host cluster and waits until it answers, at most 60 s. */
export async function startFlotilla({
  fleet,
  host = 'hub',
  env = {},
  allowHosts = [],
  logLevel = 'info',
  listenAt = '127.0.0.1',
  alsoListenAt,
  options = [],
  beside,
}: StartOptions): Promise<RunningFlotilla> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'flotilla-e2e-'))
  const passwordFile = path.join(dataDir, 'admin-password')
  const logFile = path.join(dataDir, 'server.log')
  const port = await freePort(listenAt)
  const listen = `${listenAt}:${port}`
  const url = `http://${listen}`
  const cluster = fleet.clusters[host]
  if (cluster === undefined) throw new Error(`the fleet has no cluster ${host}`)
  let child: ChildProcess | undefined

  const start = async (more: Readonly<Record<string, string>>): Promise<void> => {
    const args = ['serve', '--kubeconfig', cluster.kubeconfigPath, '--data', dataDir, '--listen', listen]
    args.push('--log-level', logLevel)
    if (alsoListenAt !== undefined) args.push('--listen', `${alsoListenAt}:${port}`)
    args.push('--admin-password-file', passwordFile, '--allow-host', fleet.registry.address)
    args.push('--insecure-host', fleet.registry.address)
    for (const member of Object.values(fleet.clusters)) args.push('--allow-host', new URL(member.server).host)
    for (const other of allowHosts) args.push('--allow-host', other)
    args.push(...options)
    child = spawn('sh', ['-c', 'exec "$0" "$@" >>"$LOG_FILE" 2>&1', command, ...args], {
      env: { ...process.env, ...env, ...more, LOG_FILE: logFile },
      stdio: 'ignore',
    })
    await untilReady(url, child, logFile)
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }
  await start({})
  const password = beside?.password ?? (await untilWritten(passwordFile))
  const token = async (): Promise<string> => {
    const body = { username: 'admin', password, kind: 'cli' } as const
    const signedIn = await createApiClient({ baseUrl: url }).session.signIn({ body })
    if (signedIn.token === undefined) throw new Error('the server gave no token')
    return signedIn.token
  }
  return {
    url,
    dataDir,
    password,
    get pid() {
      return child?.pid ?? 0
    },
    token,
    api: async () => createApiClient({ baseUrl: url, token: await token() }),
    kill: () => end('SIGKILL'),
    restart: async (more = {}) => {
      await end('SIGKILL')
      // what it found when it was started first
      await start({ FLOTILLA_HELM_WORKER: await ensurePart('helm-worker'), ...more })
    },
    stop: async () => {
      await end('SIGTERM')
      await rm(dataDir, { recursive: true, force: true })
    },
    log: () => readFile(logFile, 'utf8'),
  }
}

/** Who shares a database writes it when it is the one that acts, which is after it answers. */
async function untilWritten(file: string): Promise<string> {
  for (let tries = 0; tries < 300; tries++) {
    const text = await readFile(file, 'utf8').catch(() => '')
    if (text.trim() !== '') return text.trim()
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('no password of the administrator was written within 30 s')
}

async function untilReady(url: string, child: ChildProcess, logFile: string): Promise<void> {
  const deadline = Date.now() + 60_000
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}: ${await tail(logFile)}`)
    try {
      const answer = await fetch(`${url}/api/v1/meta`)
      if (answer.ok) return
    } catch {
      // not listening yet
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`the server did not answer within 60 s: ${await tail(logFile)}`)
}

async function tail(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.slice(-3000)
}
