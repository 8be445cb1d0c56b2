import {
  type ClusterNetworkPolicy,
  isIsolated,
  type Known,
  type Project,
  type ProjectTargetStatus,
  type TargetNetwork,
} from '@flotilla/model'
import type { ConditionSaid } from '../ownership/ready.ts'
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

const mostNamed = 5

/** The worst of all targets, as one condition; undefined where nobody asks for isolation. */
export function computeIsolated(
  project: Project,
  targets: readonly ProjectTargetStatus[] | undefined,
): ConditionSaid | undefined {
  if (!isIsolated(project.spec.network)) return undefined
  const where = (state: TargetNetwork['state']): string[] => [
    ...new Set((targets ?? []).flatMap(({ cluster, network }) => (network?.state === state ? [cluster] : []))),
  ]
  const named = (clusters: readonly string[]): string =>
    `${clusters.slice(0, mostNamed).join(', ')}${clusters.length > mostNamed ? ' ...' : ''}`
  const open = where('NotEnforced')
  if (open.length > 0) {
    const message = `Asked for, but not enforced in ${named(open)}: pods of others connect there all the same`
    return { status: 'False', reason: 'NotEnforced', message }
  }
  const unknown = where('Unknown')
  if (unknown.length > 0)
    return { status: 'Unknown', reason: 'NotKnown', message: `Not known in ${named(unknown)}: see status.targets` }
  const enforced = where('Isolated')
  if (enforced.length === 0) return { status: 'Unknown', reason: 'NotKnown', message: 'No target was seen yet' }
  return { status: 'True', reason: 'Enforced', message: `Its pods are isolated in ${named(enforced)}` }
}
