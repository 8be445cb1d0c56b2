import { type Controller, type Log, runController, type RunningController, writeStatus } from '@flotilla/engine'
import { known, providerSecretName, settled, systemNamespace } from '@flotilla/model'
import { reconcileIdentityProvider } from '@flotilla/reconcile'
import { type FleetDeps, nowOf } from '../../fleet/controller-deps.ts'
import type { SecretIndex } from '../../fleet/secret-index.ts'
import type { ProviderSignIn } from './provider-sign-in.ts'

type Deps = Pick<FleetDeps, 'host' | 'state' | 'clock'> & { readonly providers: Pick<ProviderSignIn, 'probe'> }

/** Says of each IdentityProvider whether it answers. */
export function runProviders(
  deps: Deps,
  {
    secrets,
    ...how
  }: {
    readonly secrets: SecretIndex
    readonly signal: AbortSignal
    readonly log: Log
    readonly begin?: Promise<unknown> | undefined
  },
): RunningController {
  const running = runController(createProviderController(deps), how)
  const asked = new Map<string, number | undefined>()
  deps.state.identityProviders.onChange((key, provider) => {
    const generation = provider?.metadata.generation
    // its own status says nothing new
    if (provider !== undefined && asked.has(key) && asked.get(key) === generation) return
    if (provider === undefined) asked.delete(key)
    else asked.set(key, generation)
    running.enqueue(key)
  })
  secrets.onChange((key) => {
    for (const { metadata } of deps.state.identityProviders.list())
      if (key === `${systemNamespace}/${providerSecretName(metadata.name)}`) running.enqueue(`/${metadata.name}`)
  })
  return running
}

function createProviderController({ host, state, clock, providers }: Deps): Controller {
  return {
    name: 'identity-provider',
    concurrency: 2,
    work: async (key, signal) => {
      const object = state.identityProviders.get('', key.slice(1))
      if (object === undefined || object.metadata.deletionTimestamp !== undefined) return settled
      const probe = object.spec.disabled
        ? ({ known: false, reason: 'It is disabled, and not asked' } as const)
        : known(await providers.probe(object))
      const { status, next } = reconcileIdentityProvider({ object, observed: { probe }, now: nowOf(clock) })
      await writeStatus(host, object, status, { signal })
      return next
    },
  }
}
