import { apiVersion, generatePassword, systemNamespace } from '@flotilla/model'
import type { KubeClient } from '@flotilla/kube'
import type { PasswordStore } from '../store/store.ts'
import { hashPassword } from './password-hash.ts'

export interface Administrator {
  readonly username: string
  /** Only when it was made now: afterwards nobody can read it again. */
  readonly password: string | undefined
}

/**
 * Makes sure that somebody can administer the platform: the User, its Membership and a password. Safe to repeat; a
 * password that exists stays. `password` sets one instead of generating it.
 */
export async function ensureAdministrator(options: {
  readonly host: KubeClient
  readonly passwords: PasswordStore
  readonly username?: string
  readonly password?: string | undefined
  readonly signal?: AbortSignal
}): Promise<Administrator> {
  const { host, passwords, username = 'admin', signal } = options
  const write = { fieldManager: 'flotilla-setup', force: true, signal }
  const user = await host.apply(
    { apiVersion, kind: 'User', metadata: { name: username }, spec: { displayName: 'Administrator' } },
    write,
  )
  await host.apply(
    {
      apiVersion,
      kind: 'Membership',
      metadata: { name: `${username}-admin`, namespace: systemNamespace },
      spec: { user: username, role: 'admin' },
    },
    write,
  )
  const userUid = user.metadata.uid ?? ''
  if ((await passwords.get(userUid)) !== undefined && options.password === undefined)
    return { username, password: undefined }
  const password = options.password ?? generatePassword()
  await passwords.put({ userUid, hash: await hashPassword(password), failures: 0, mustChange: false })
  return { username, password }
}
