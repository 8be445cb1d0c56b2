import { chmod, readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { UsageError } from '../exit.ts'
import type { Io } from '../io.ts'
import { writeWhole } from './write-whole.ts'

/** One server that somebody signed in to. */
export interface Context {
  readonly server: string
  readonly user: string
  readonly token: string
  /** PEM of the authority that signed the server's certificate, where the system does not know it. */
  readonly ca?: string | undefined
}

export interface Settings {
  readonly current?: string | undefined
  readonly contexts: Readonly<Record<string, Context>>
}

/** `flotilla/config.json` below XDG_CONFIG_HOME; FLOTILLA_CONFIG names another file. */
export function settingsPath({ env }: Pick<Io, 'env'>): string {
  const own = env['FLOTILLA_CONFIG']
  if (own !== undefined && own !== '') return own
  const base = env['XDG_CONFIG_HOME']
  return join(
    base === undefined || base === '' ? join(env['HOME'] ?? homedir(), '.config') : base,
    'flotilla',
    'config.json',
  )
}

export async function readSettings(io: Pick<Io, 'env' | 'err'>): Promise<Settings> {
  const path = settingsPath(io)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return { contexts: {} }
    throw thrown
  }
  const { mode } = await stat(path)
  if ((mode & 0o077) !== 0) {
    io.err(`flotilla: others could read ${path}, which holds tokens; taking that away\n`)
    await chmod(path, 0o600)
  }
  try {
    return parseSettings(JSON.parse(text))
  } catch {
    throw new UsageError(`${path} cannot be read; remove it and sign in again`)
  }
}

export async function writeSettings(io: Pick<Io, 'env'>, settings: Settings): Promise<void> {
  await writeWhole(settingsPath(io), `${JSON.stringify(settings, undefined, 2)}\n`)
}

function parseSettings(value: unknown): Settings {
  const { current, contexts } = asRecord(value)
  const found: Record<string, Context> = {}
  for (const [name, raw] of Object.entries(asRecord(contexts))) {
    const { server, user, token, ca } = asRecord(raw)
    if (typeof server !== 'string' || typeof user !== 'string' || typeof token !== 'string') continue
    found[name] = { server, user, token, ...(typeof ca === 'string' ? { ca } : {}) }
  }
  return { ...(typeof current === 'string' ? { current } : {}), contexts: found }
}

function asRecord(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Error('not an object')
  return { ...value }
}
