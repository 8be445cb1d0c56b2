import type { Identity, KubeClient } from '@flotilla/kube'
import { FlotillaError, type KubeObject } from '@flotilla/model'

export interface AskedRight {
  readonly user: string
  readonly groups: readonly string[]
  readonly verb: string
  readonly resource: string
  readonly namespace: string
}

/**
 * Stands for the host's API server where a test is about who may call what: it answers access reviews by `allow` and
 * keeps what was written. Everything about Kubernetes itself is tested on a real one.
 */
const serverItself: Identity = { user: 'the server', groups: [] }

export class StandInHost {
  readonly asked: AskedRight[] = []
  readonly written: { by: Identity; verb: string; key: unknown; body: unknown }[] = []
  allow: (right: AskedRight) => boolean = () => false

  client(identity?: Identity): KubeClient {
    const refuse = (): never => {
      throw new FlotillaError('kube.forbidden', { message: 'forbidden' })
    }
    const mayWrite = ({ namespace = '' }: { namespace?: string }): boolean =>
      identity !== undefined &&
      this.allow({ user: identity.user, groups: identity.groups, verb: 'patch', resource: '*', namespace })
    const own = {
      name: 'hub',
      identity,
      as: (other: Identity) => this.client(other),
      create: (object: KubeObject) => {
        if (object.kind === 'Approval' && identity !== undefined) {
          const { namespace, name } = object.metadata
          if (!mayWrite({ namespace: namespace ?? '' })) return refuse()
          this.written.push({ by: identity, verb: 'create', key: { namespace, name }, body: object })
          return Promise.resolve(object)
        }
        if (object.kind !== 'SelfSubjectAccessReview' || identity === undefined)
          return Promise.reject(new Error('stand-in'))
        const { resourceAttributes: a } = object['spec'] as { resourceAttributes: Record<string, string | undefined> }
        const right = {
          user: identity.user,
          groups: identity.groups,
          verb: a['verb'] ?? '',
          resource: [a['resource'], a['subresource']].filter(Boolean).join('/'),
          namespace: a['namespace'] ?? '',
        }
        this.asked.push(right)
        return Promise.resolve({ ...object, status: { allowed: this.allow(right) } })
      },
      patch: (key: { name: string; namespace?: string }, patch: { body: unknown }) => {
        if (identity === undefined || !mayWrite(key)) return refuse()
        this.written.push({ by: identity, verb: 'patch', key, body: patch.body })
        return Promise.resolve({
          apiVersion: '',
          kind: '',
          metadata: { name: key.name, generation: 2, resourceVersion: '2' },
        })
      },
      delete: (key: { namespace?: string }) => {
        // the server itself cleans up after what it made
        if (identity !== undefined && !mayWrite(key)) return refuse()
        this.written.push({ by: identity ?? serverItself, verb: 'delete', key, body: undefined })
        return Promise.resolve('deleted')
      },
      get: refuse,
      find: refuse,
      list: refuse,
      request: refuse,
      apply: refuse,
    }
    // only what the tests reach is there; the rest is undefined and fails loudly
    return own as unknown as KubeClient
  }
}
