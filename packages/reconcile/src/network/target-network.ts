import { isIsolated, type ClusterNetworkPolicy, type Known, type Project, type TargetNetwork } from '@flotilla/model'
import type { ClusterSight } from '../ownership/sights.ts'
import { policyName } from './target-policy.ts'

/**
 * What may be said of a target's isolation: that the policy is seen there, and that the cluster was seen to act on
 * policies. Undefined where nobody asks for it.
 */
export function computeTargetNetwork(
  project: Project,
  { cluster, namespace }: { readonly cluster: string; readonly namespace: string },
  sight: Known<ClusterSight>,
  measured: ClusterNetworkPolicy | undefined,
): TargetNetwork | undefined {
  if (!isIsolated(project.spec.network)) return undefined
  const unknown = (message: string): TargetNetwork => ({ state: 'Unknown', message })
  if (!sight.known) return unknown(`Whether the policy is there is not known: ${sight.reason}`)
  const isThere = sight.value.owned.some(
    ({ ref, owner, deleting }) =>
      ref.kind === 'NetworkPolicy' &&
      ref.namespace === namespace &&
      ref.name === policyName &&
      owner === project.metadata.uid &&
      !deleting,
  )
  if (!isThere) return unknown('The policy is not there yet')
  if (measured === undefined) return unknown(`Whether ${cluster} enforces network policies has not been measured yet`)
  switch (measured.state) {
    case 'Enforced':
      return { state: 'Isolated', message: `The policy is there, and ${cluster} enforces network policies` }
    case 'NotEnforced':
      return {
        state: 'NotEnforced',
        message: `Asked for, but not enforced in this cluster: its network lets pods connect that the policy does not allow. Install a network plugin that enforces NetworkPolicy (Calico, Cilium, kube-router), then check again`,
      }
    case 'Unknown':
      return unknown(`Whether ${cluster} enforces network policies is not known: ${measured.message}`)
    default:
      return measured.state satisfies never
  }
}
