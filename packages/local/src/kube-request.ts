import https from 'node:https'
import type { KubeAccess } from './kubeconfig.ts'

export interface KubeAnswer {
  readonly status: number
  readonly body: unknown
}

const longestBody = 16 << 20
/** A cluster that starts is asked a hundred times: a handshake for each would cost more than what is asked. */
const agents = new WeakMap<KubeAccess, https.Agent>()

function agentOf(access: KubeAccess): https.Agent {
  const known = agents.get(access)
  if (known !== undefined) return known
  const { ca, cert, key } = access
  // idle ones close soon: nothing says that a cluster was stopped when its network goes with it
  const agent = new https.Agent({ ca, cert, key, keepAlive: true, timeout: 2000 })
  agents.set(access, agent)
  return agent
}

/**
 * One bounded request to a local cluster's API server. The fleet starts before anything of the platform runs,
 * so this stays free of the platform's own client.
 */
export function requestKube(
  access: KubeAccess,
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  options: { body?: unknown; timeoutMs?: number; signal?: AbortSignal | undefined } = {},
): Promise<KubeAnswer> {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? 10_000)
  const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal])
  const type = method === 'PATCH' ? 'application/apply-patch+yaml' : 'application/json'
  return new Promise((resolve, reject) => {
    const request = https.request(
      `${access.server}${path}`,
      {
        method,
        agent: agentOf(access),
        signal,
        headers: { 'content-type': type },
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
          if (text.length > longestBody) response.destroy(new Error('the answer is too long'))
        })
        response.on('error', reject)
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: parseBody(text) }))
      },
    )
    request.on('error', reject)
    request.end(options.body === undefined ? undefined : JSON.stringify(options.body))
  })
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

export interface PlainObject {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string; [key: string]: unknown }
  [key: string]: unknown
}

/** Kinds whose plural is not their name with an `s`. */
const plurals: Readonly<Record<string, string>> = { APIService: 'apiservices' }

/** Server-side applies one object as the local fleet. Throws with the API server's reason. */
export async function applyObject(access: KubeAccess, object: PlainObject, signal?: AbortSignal): Promise<void> {
  const { apiVersion, kind, metadata } = object
  const plural = plurals[kind] ?? `${kind.toLowerCase()}s`
  const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const place = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`
  const path = `${base}${place}/${plural}/${metadata.name}?fieldManager=flotilla-local&force=true`
  const answer = await requestKube(access, 'PATCH', path, { body: object, signal })
  if (answer.status < 300) return
  throw new Error(`apply ${kind} ${metadata.name}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 400)}`)
}
