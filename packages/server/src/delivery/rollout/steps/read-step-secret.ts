import type { KubeClient } from '@flotilla/kube'
import { FlotillaError, projectNamespace } from '@flotilla/model'
import { readSecretText } from '../../application/credentials.ts'

export interface StepSecret {
  readonly token?: string | undefined
  readonly username?: string | undefined
  readonly password?: string | undefined
}

/** What a step proves itself with. Errors: `input.invalid` when the Secret is missing or empty; those of the host. */
export async function readStepSecret(
  host: Pick<KubeClient, 'find'>,
  project: string,
  name: string,
  field: string,
  signal: AbortSignal,
): Promise<StepSecret> {
  const namespace = projectNamespace(project)
  const secret = await host.find({ group: '', version: 'v1', kind: 'Secret', namespace, name }, { signal })
  const text = (key: string): string | undefined => {
    const found = secret === undefined ? undefined : readSecretText(secret, key)?.trim()
    return found === '' ? undefined : found
  }
  const [token, username, password] = [text('token'), text('username'), text('password')]
  if (token === undefined && (username === undefined || password === undefined))
    throw new FlotillaError('input.invalid', {
      message: `Secret ${name} of the project ${secret === undefined ? 'does not exist' : 'has neither token, nor username and password'}`,
      remedy: `Create it in ${namespace} of the host`,
      field,
    })
  return { token, username, password }
}

export function authorizationOf({ token, username = '', password = '' }: StepSecret): string {
  if (token !== undefined) return `Bearer ${token}`
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}
