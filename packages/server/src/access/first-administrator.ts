import type { KubeClient } from '@flotilla/kube'
import { generatePassword, group, version } from '@flotilla/model'
import type { PasswordStore } from '../store/store.ts'
import { ensureAdministrator } from './ensure-administrator.ts'
import type { FirstPasswordPlace } from './first-password.ts'

export interface FirstAdministrator {
  readonly username: string
  /** Only where it was set by this call. */
  readonly password: string | undefined
}

/**
 * Makes the administrator at the first start. The password is in its place before it counts, so that a process killed in
 * between leaves nobody locked out.
 */
export async function ensureFirstAdministrator(options: {
  readonly host: KubeClient
  readonly passwords: PasswordStore
  readonly place: FirstPasswordPlace
  readonly signal: AbortSignal
}): Promise<FirstAdministrator> {
  const { host, passwords, place, signal } = options
  const username = 'admin'
  const user = await host.find({ group, version, kind: 'User', name: username }, { signal })
  const uid = user?.metadata.uid
  if (uid !== undefined && (await passwords.get(uid)) !== undefined) {
    await ensureAdministrator({ host, passwords, username, signal })
    return { username, password: undefined }
  }
  const there = await place.read()
  const password = there ?? generatePassword()
  if (there === undefined) await place.write(password)
  await ensureAdministrator({ host, passwords, username, password, signal })
  return { username, password }
}
