import { open, readFile, rm } from 'node:fs/promises'
import type { KubeClient } from '@flotilla/kube'
import { fieldManager, FlotillaError, labels, systemNamespace } from '@flotilla/model'

/** Where the administrator's first password is until it is shown. */
export interface FirstPasswordPlace {
  /** For people. */
  readonly name: string
  /** Undefined where there is none. */
  read(): Promise<string | undefined>
  /** It is there, and readable by nobody else, when this resolves. */
  write(password: string): Promise<void>
  remove(): Promise<void>
}

/** A file (0600) beside a database that is a file. */
export const firstPasswordFile = (file: string): FirstPasswordPlace => ({
  name: file,
  read: async () => said(await readFile(file, 'utf8').catch(ifAbsent)),
  write: async (password) => {
    const handle = await open(file, 'w', 0o600)
    try {
      await handle.chmod(0o600)
      await handle.writeFile(`${password}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
  remove: () => rm(file, { force: true }),
})

const secret = { group: '', kind: 'Secret', namespace: systemNamespace, name: 'flotilla-first-password' } as const

/** A Secret beside the keys of a database that servers share: any of them shows it, and it is lost with none. */
export const firstPasswordSecret = (host: KubeClient, signal: AbortSignal): FirstPasswordPlace => ({
  name: `the Secret ${secret.name} in ${secret.namespace}`,
  read: async () => {
    const found = await host.find(secret, { signal })
    const held = (found?.['data'] as Partial<Record<string, string>> | undefined)?.['password']
    return said(held === undefined ? undefined : Buffer.from(held, 'base64').toString())
  },
  write: async (password) => {
    const object = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: secret.name,
        namespace: secret.namespace,
        labels: { [labels.managed]: 'first-password' },
      },
      type: 'Opaque',
      data: { password: Buffer.from(password).toString('base64') },
    }
    await host.apply(object, { fieldManager, force: true, signal })
  },
  remove: async () => {
    await host.delete(secret, { signal })
  },
})

/** Gives the first password and removes it there, so that it is shown once. Errors: `request.not_found`. */
export async function takeFirstPassword(place: FirstPasswordPlace): Promise<string> {
  const password = await place.read()
  if (password === undefined)
    throw new FlotillaError('request.not_found', {
      message: `There is no first password in ${place.name}: it was shown before, or none was made yet`,
      remedy: 'Another administrator of the platform can set one: flotilla people password NAME.',
    })
  await place.remove()
  return password
}

function said(text: string | undefined): string | undefined {
  const password = text?.trim() ?? ''
  return password === '' ? undefined : password
}

function ifAbsent(thrown: unknown): undefined {
  if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown
}
