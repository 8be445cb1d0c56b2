import { createWatch, type KubeClient } from '@flotilla/kube'
import type { KubeObject } from '@flotilla/model'
import { RbacState, type RbacView } from './rbac-view.ts'
import { bindingOf, rulesOf } from './rules.ts'

/**
 * Follows the roles and bindings of a cluster until the signal. With `keep` what was last seen counts while the cluster
 * is away, as soon as everything was seen once.
 */
export function watchRbac(
  client: KubeClient,
  signal: AbortSignal,
  { keep = false }: { readonly keep?: boolean } = {},
): RbacView & { synced(): Promise<void> } {
  const state = new RbacState()
  const follow = <T>(
    kind: string,
    project: (object: KubeObject) => T,
    put: (key: string, seen: T | undefined) => void,
  ) =>
    createWatch<T>({
      client,
      kind: { group: 'rbac.authorization.k8s.io', version: 'v1', kind },
      signal,
      project,
      // of an object without a namespace the key is its name
      onEvent: ({ key, type, object }) =>
        put(key.includes('/') ? key : `/${key}`, type === 'deleted' ? undefined : object),
    })
  const putRole = state.putRole.bind(state)
  const putBinding = state.putBinding.bind(state)
  const watches = [
    follow('ClusterRole', rulesOf, putRole),
    follow('Role', rulesOf, putRole),
    follow('ClusterRoleBinding', bindingOf, putBinding),
    follow('RoleBinding', bindingOf, putBinding),
  ]
  let wasWhole = false
  const synced = async (): Promise<void> => {
    await Promise.all(watches.map((watch) => watch.synced(signal)))
    wasWhole = true
  }
  if (keep) void synced().catch(() => 'closed before')
  state.isWhole = () => (keep && wasWhole) || watches.every((watch) => watch.state.state === 'synced')
  return {
    places: state.places.bind(state),
    may: state.may.bind(state),
    synced,
  }
}
