import { type Credential, FlotillaError, type KubeObject } from '@flotilla/model'
import type { KubeClient } from '@flotilla/kube'
import type { SourceCredentials } from '@flotilla/render'
import type { HostKind } from '../../fleet/host-state.ts'

export interface CredentialQuestion {
  readonly credentials: HostKind<Credential>
  readonly host: KubeClient
  readonly namespace: string
  readonly name: string
  /** Where the source is fetched from; the credential must be meant for it. */
  readonly sourceHost: string | undefined
  /** Path of the field that names the credential. */
  readonly field: string
  readonly signal: AbortSignal
}

/**
 * The secret material that opens one source. It is given out only for the host that the Credential names, so that an
 * edited address sends it nowhere else.
 */
export async function loadCredential(question: CredentialQuestion): Promise<SourceCredentials> {
  const { credentials, host, namespace, name, sourceHost, field, signal } = question
  const credential = credentials.get(namespace, name)
  if (credential === undefined)
    throw new FlotillaError('source.unauthorized', {
      message: `There is no Credential ${name} in the project`,
      remedy: 'Create it, or name another one',
      field,
      value: name,
    })
  if (sourceHost === undefined || credential.spec.host.toLowerCase() !== sourceHost)
    throw new FlotillaError('source.refused', {
      message: `Credential ${name} is for ${credential.spec.host} and is not sent to ${sourceHost ?? 'a source without a host'}`,
      remedy: 'Name a Credential of the host that the source is on',
      field,
      value: name,
    })
  const secret = await host.find(
    { group: '', version: 'v1', kind: 'Secret', namespace, name: credential.spec.secretName },
    { signal },
  )
  if (secret === undefined)
    throw new FlotillaError('source.unauthorized', {
      message: `Secret ${credential.spec.secretName} of Credential ${name} does not exist`,
      remedy: 'Create it in the host namespace of the project',
      field,
    })
  return readCredential(secret, name, field)
}

function readCredential(secret: KubeObject, name: string, field: string): SourceCredentials {
  const text = (key: string): string | undefined => readSecretText(secret, key)
  const ca = text('ca.crt')
  const [username, password, token] = [text('username'), text('password'), text('token')]
  const auth: SourceCredentials['auth'] =
    username !== undefined && password !== undefined
      ? { type: 'basic', username, password }
      : token !== undefined
        ? { type: 'bearer', token }
        : undefined
  if (auth === undefined && ca === undefined)
    throw new FlotillaError('source.unauthorized', {
      message: `The Secret of Credential ${name} holds nothing that opens a source`,
      remedy: 'Give it username and password, or token',
      field,
    })
  return { auth, ca }
}

/** Text under a key of a Secret as it was read. */
export function readSecretText(secret: KubeObject, key: string): string | undefined {
  const { data } = secret
  if (typeof data !== 'object' || data === null || !Object.hasOwn(data, key)) return undefined
  const value: unknown = Reflect.get(data, key)
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : undefined
}
