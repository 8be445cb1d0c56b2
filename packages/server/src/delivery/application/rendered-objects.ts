import { type Delivery, FlotillaError, type KubeObject } from '@flotilla/model'
import { maskSecret } from '@flotilla/reconcile'
import type { StoredSets } from '../rendered-set.ts'

export interface RenderedObjects {
  readonly component: string
  readonly crds: readonly KubeObject[]
  readonly objects: readonly KubeObject[]
  readonly hooks: readonly { readonly name: string; readonly events: readonly string[]; readonly object: KubeObject }[]
  readonly notes: string
}

/** What is wanted of one component in one target, Secrets masked. Errors: `request.not_found`. */
export async function readRenderedObjects(
  sets: StoredSets,
  delivery: Delivery,
  component: string,
): Promise<RenderedObjects> {
  const wanted = delivery.spec.desired?.components.find(({ name }) => name === component)
  const set = wanted === undefined ? undefined : await sets.get(wanted.digest)
  if (set === undefined)
    throw new FlotillaError('request.not_found', {
      message: `Nothing was rendered of ${component} for ${delivery.spec.target.cluster} yet`,
      field: 'component',
      value: component,
    })
  return {
    component,
    crds: set.crds,
    objects: set.objects.map(maskSecret),
    hooks: set.hooks.map(({ name, events, object }) => ({ name, events, object: maskSecret(object) })),
    notes: set.notes,
  }
}
