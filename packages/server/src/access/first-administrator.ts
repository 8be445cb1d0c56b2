import { open, readFile, rm } from 'node:fs/promises'
import type { KubeClient } from '@flotilla/kube'
import { FlotillaError, generatePassword, group, version } from '@flotilla/model'
import type { PasswordStore } from '../store/store.ts'
import { ensureAdministrator } from './ensure-administrator.ts'

export interface FirstAdministrator {
  readonly username: string
  /** Only where it was set by this call. */
  readonly password: string | undefined
}

/**
 * Makes the administrator at the first start. The password is in the file (0600) before it counts, so that a process
 * killed in between leaves nobody locked out.
 */
export async function ensureFirstAdministrator(options: {
  readonly host: KubeClient
  readonly passwords: PasswordStore
  readonly passwordFile: string
  readonly signal: AbortSignal
}): Promise<FirstAdministrator> {
  const { host, passwords, passwordFile, signal } = options
  const username = 'admin'
  const user = await host.find({ group, version, kind: 'User', name: username }, { signal })
  const uid = user?.metadata.uid
  if (uid !== undefined && (await passwords.get(uid)) !== undefined) {
    await ensureAdministrator({ host, passwords, username, signal })
    return { username, password: undefined }
  }
  const password = await writtenPassword(passwordFile)
  await ensureAdministrator({ host, passwords, username, password, signal })
  return { username, password }
}

/** Gives the first password and removes its file, so that it is shown once. Errors: `request.not_found`. */
export async function takeFirstPassword(passwordFile: string): Promise<string> {
  const password = (await readFile(passwordFile, 'utf8').catch(ifAbsent))?.trim() ?? ''
  if (password === '')
    throw new FlotillaError('request.not_found', {
      message: `There is no first password in ${passwordFile}: it was shown before, or none was made yet`,
      remedy: 'Another administrator of the platform can set one: flotilla people password NAME.',
    })
  await rm(passwordFile)
  return password
}

/** What the file says; where there is none, a new one is written to it. */
async function writtenPassword(file: string): Promise<string> {
  const there = await readFile(file, 'utf8').catch(ifAbsent)
  if (there !== undefined && there.trim() !== '') return there.trim()
  const password = generatePassword()
  const handle = await open(file, 'w', 0o600)
  try {
    await handle.chmod(0o600)
    await handle.writeFile(`${password}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  return password
}

function ifAbsent(thrown: unknown): undefined {
  if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown
}
