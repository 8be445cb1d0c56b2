import { createHash, randomBytes } from 'node:crypto'
import { type KubeObject, labels, systemNamespace } from '@flotilla/model'

/** What the host keeps of an agent's keys: the Secret `agent-<cluster>`. Of every key only its SHA-256, in hex. */
export interface AgentKeys {
  readonly cluster: string
  /** Of the token that the agent has used. */
  readonly token?: string | undefined
  /** Of one that was given out and not used yet; with its first use it takes the place of `token`. */
  readonly next?: string | undefined
  /** Of the code for which a manifest with a token is given out, once. */
  readonly code?: string | undefined
  /** Until when, in ISO 8601. */
  readonly codeExpires?: string | undefined
  /** The image that the manifest is to name. */
  readonly image?: string | undefined
}

const prefix = 'agent-'
export const agentSecretName = (cluster: string): string => prefix + cluster
/** Tells these Secrets from all others. */
export const agentSecretLabel = 'agent-keys'

/** 256 random bits; the beginning says what it is to whoever finds one. */
export const newAgentToken = (): string => `fla_${randomBytes(32).toString('base64url')}`
export const newJoinCode = (): string => `flj_${randomBytes(32).toString('base64url')}`
/** A key of so many random bits needs no salt and no slow hash. */
export const hashOfKey = (key: string): string => createHash('sha256').update(key).digest('hex')

const fields = { token: 'token', next: 'next', code: 'code', codeExpires: 'code-expires', image: 'image' } as const
type Field = keyof typeof fields

export function agentSecret(keys: AgentKeys): KubeObject {
  const held: Record<string, string> = {}
  for (const [field, key] of Object.entries(fields)) {
    const value = keys[field as Field]
    if (value !== undefined) held[key] = Buffer.from(value).toString('base64')
  }
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: agentSecretName(keys.cluster),
      namespace: systemNamespace,
      labels: { [labels.managed]: agentSecretLabel, [labels.cluster]: keys.cluster },
    },
    type: 'Opaque',
    data: held,
  }
}

/** Undefined when it is none of ours: the name counts, a label could be written by mistake. */
export function parseAgentSecret(secret: KubeObject): AgentKeys | undefined {
  const { name, labels: given } = secret.metadata
  const cluster = name.startsWith(prefix) ? name.slice(prefix.length) : ''
  if (cluster === '' || given?.[labels.managed] !== agentSecretLabel) return undefined
  const held: unknown = secret['data']
  const text = (field: Field): string | undefined => {
    const value: unknown = typeof held === 'object' && held !== null ? Reflect.get(held, fields[field]) : undefined
    return typeof value === 'string' && value !== '' ? Buffer.from(value, 'base64').toString() : undefined
  }
  return {
    cluster,
    token: text('token'),
    next: text('next'),
    code: text('code'),
    codeExpires: text('codeExpires'),
    image: text('image'),
  }
}
