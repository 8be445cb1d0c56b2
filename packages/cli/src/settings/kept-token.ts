import { createHash } from 'node:crypto'
import { readdir, readFile, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Io } from '../io.ts'
import { type Context, settingsPath } from './settings-file.ts'
import { writeWhole } from './write-whole.ts'

/** A token for kubectl, which asks for one at each command. */
export interface KeptToken {
  readonly token: string
  readonly expiresAt: string
}

/** Beside the settings, one per session. */
export function keptTokenPath(io: Pick<Io, 'env'>, { server, token }: Pick<Context, 'server' | 'token'>): string {
  const session = createHash('sha256').update(`${server} ${token}`).digest('hex').slice(0, 16)
  return `${settingsPath(io)}.kubernetes-${session}`
}

export async function readKeptToken(file: string): Promise<KeptToken | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (typeof value !== 'object' || value === null || !('token' in value) || !('expiresAt' in value)) return undefined
    const { token: text, expiresAt } = value
    return typeof text === 'string' && typeof expiresAt === 'string' ? { token: text, expiresAt } : undefined
  } catch {
    return undefined
  }
}

/** Keeps one, and removes those of other sessions whose time is over: nobody else does, where a session just ended. */
export async function keepToken(io: Pick<Io, 'env' | 'now'>, file: string, fresh: KeptToken): Promise<void> {
  await writeWhole(file, JSON.stringify(fresh))
  const folder = dirname(file)
  const beginning = `${basename(settingsPath(io))}.kubernetes-`
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    if (path === file || !name.startsWith(beginning) || !/^[0-9a-f]{16}$/.test(name.slice(beginning.length))) continue
    const other = await readKeptToken(path)
    if (other === undefined || !(Date.parse(other.expiresAt) > io.now())) await rm(path, { force: true })
  }
}
