import type { Clock, Identity, KubeClient } from '@flotilla/kube'
import { asFlotillaError, FlotillaError } from '@flotilla/model'

export interface RightQuestion {
  readonly verb: string
  readonly group: string
  /** Plural; `pods/log` for a subresource. */
  readonly resource: string
  /** Empty: cluster-scoped, or in all namespaces. */
  readonly namespace: string
  readonly name?: string | undefined
}

/** Asks a cluster's own authorizer about a person; answers hold for a few seconds. */
export interface Authorizer {
  may(identity: Identity, question: RightQuestion, signal?: AbortSignal): Promise<boolean>
  /** `auth.forbidden`, naming the right that is missing. */
  check(identity: Identity, question: RightQuestion, signal?: AbortSignal): Promise<void>
}

export interface AuthorizerOptions {
  /** The platform's own view of the cluster; it impersonates. */
  readonly client: KubeClient
  readonly clock: Pick<Clock, 'elapsed'>
  /** How long an answer holds; a right taken away acts within this. */
  readonly heldMs?: number
  readonly most?: number
}

interface Held {
  readonly until: number
  readonly answer: Promise<boolean>
}

export function createAuthorizer({ client, clock, heldMs = 3000, most = 20_000 }: AuthorizerOptions): Authorizer {
  const held = new Map<string, Held>()

  const ask = async (identity: Identity, question: RightQuestion, signal?: AbortSignal): Promise<boolean> => {
    const [resource = '', subresource] = question.resource.split('/')
    const review = await client.as(identity).create(
      {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        // a review is never stored and has no name, which the type of an object asks for
        metadata: { name: '' },
        spec: {
          resourceAttributes: {
            verb: question.verb,
            group: question.group,
            resource,
            ...(subresource === undefined ? {} : { subresource }),
            ...(question.namespace === '' ? {} : { namespace: question.namespace }),
            ...(question.name === undefined ? {} : { name: question.name }),
          },
        },
      },
      { timeoutMs: 10_000, signal },
    )
    const status = review['status']
    return typeof status === 'object' && status !== null && 'allowed' in status && status.allowed === true
  }

  const may: Authorizer['may'] = async (identity, question, signal) => {
    const now = clock.elapsed()
    const key = JSON.stringify([
      identity.user,
      identity.groups,
      question.verb,
      question.group,
      question.resource,
      question.namespace,
      question.name,
    ])
    const known = held.get(key)
    if (known !== undefined && known.until > now) return await known.answer
    held.delete(key)
    // not tied to one caller's signal: others wait for the same answer
    const answer = ask(identity, question)
    held.set(key, { until: now + heldMs, answer })
    if (held.size > most) forgetOldest(held)
    try {
      return await (signal === undefined ? answer : withSignal(answer, signal))
    } catch (thrown) {
      if (held.get(key)?.answer === answer) held.delete(key)
      throw asFlotillaError(thrown)
    }
  }

  return {
    may,
    check: async (identity, question, signal) => {
      if (!(await may(identity, question, signal))) throw forbidden(question)
    },
  }
}

function forgetOldest(held: Map<string, Held>): void {
  const oldest = held.keys().next()
  if (oldest.done !== true) held.delete(oldest.value)
}

async function withSignal<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** Names verb, resource and scope, and who can grant it. */
export function forbidden({ verb, group, resource, namespace, name }: RightQuestion): FlotillaError {
  const what = `${resource}${group === '' ? '' : `.${group}`}${name === undefined ? '' : ` "${name}"`}`
  const where = namespace === '' ? 'in the platform' : `in ${namespace}`
  return new FlotillaError('auth.forbidden', {
    message: `You may not ${verb} ${what} ${where}`,
    remedy: namespace.startsWith('pj-')
      ? 'An administrator of the project, of its workspace or of the platform can grant a role that holds it'
      : namespace.startsWith('ws-')
        ? 'An administrator of the workspace, or of the platform, can grant a role that holds it'
        : 'An administrator of the platform can grant a role that holds it',
  })
}
