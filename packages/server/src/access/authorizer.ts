import type { Clock, Identity, KubeClient } from '@flotilla/kube'
import { asFlotillaError, FlotillaError } from '@flotilla/model'
import { rememberBriefly } from './remember-briefly.ts'

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

export function createAuthorizer({ client, clock, heldMs = 3000, most = 20_000 }: AuthorizerOptions): Authorizer {
  const remember = rememberBriefly<boolean>({ now: () => clock.elapsed(), forMs: heldMs, most })

  const ask = async (identity: Identity, question: RightQuestion): Promise<boolean> => {
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
      { timeoutMs: 10_000 },
    )
    const status = review['status']
    return typeof status === 'object' && status !== null && 'allowed' in status && status.allowed === true
  }

  const may: Authorizer['may'] = async (identity, question, signal) => {
    const key = JSON.stringify([
      identity.user,
      identity.groups,
      question.verb,
      question.group,
      question.resource,
      question.namespace,
      question.name,
    ])
    try {
      // not tied to one caller's signal: others wait for the same answer
      const answer = remember(key, () => ask(identity, question))
      return await (signal === undefined ? answer : withSignal(answer, signal))
    } catch (thrown) {
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
