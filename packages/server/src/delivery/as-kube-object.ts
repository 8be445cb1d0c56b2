import type { Application, Delivery, KubeObject, Move, Release, Rollout } from '@flotilla/model'

/** An object of ours as the client takes it: the same JSON under a looser type, without who set which field. */
export function asKubeObject({
  apiVersion,
  kind,
  metadata,
  spec,
  status,
}: Application | Delivery | Move | Release | Rollout): KubeObject {
  const { name, ...others } = metadata
  const defined = Object.entries(others).filter(([key, value]) => value !== undefined && key !== 'managedFields')
  return {
    apiVersion,
    kind,
    metadata: { name, ...Object.fromEntries(defined) },
    spec,
    ...(status === undefined ? {} : { status }),
  }
}
