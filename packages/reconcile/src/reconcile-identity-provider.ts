import { type IdentityProvider, known, type Known, waiting } from '@flotilla/model'
import type { Decision } from './decision.ts'
import { computeReady, observedGeneration } from './ownership/ready.ts'

/** What became of asking the provider. */
export type ProviderProbe = { readonly answers: true } | { readonly answers: false; readonly why: string }

export type IdentityProviderStatus = NonNullable<IdentityProvider['status']>

/** How often it is asked, in seconds. */
const whileWell = 600
const whileNot = 60

/** Says in the status whether people can sign in through it. */
export function reconcileIdentityProvider({
  object,
  observed,
  now,
}: {
  readonly object: IdentityProvider
  readonly observed: { readonly probe: Known<ProviderProbe> }
  /** RFC 3339, UTC. */
  readonly now: string
}): Decision<IdentityProviderStatus> {
  const { probe } = observed
  const ready = !probe.known
    ? ({ status: 'Unknown', reason: 'NotAsked', message: probe.reason } as const)
    : probe.value.answers
      ? ({ status: 'True', reason: 'Answers', message: 'It answers; people can sign in through it' } as const)
      : ({ status: 'False', reason: 'NoAnswer', message: probe.value.why.slice(0, 4000) } as const)
  return {
    objects: known([]),
    effects: [],
    status: { ...observedGeneration(object), conditions: computeReady(object, ready, now) },
    next: waiting(ready.status === 'True' ? whileWell : whileNot, 'it is asked again'),
  }
}
