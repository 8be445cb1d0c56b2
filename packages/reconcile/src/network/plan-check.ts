import { annotations, type Cluster, type ClusterNetworkPolicy } from '@flotilla/model'

/** What one measurement came to. */
export interface NetworkVerdict {
  readonly state: ClusterNetworkPolicy['state']
  /** How it was found; or why it is not known, and what to do. */
  readonly message: string
}

/** A measurement of this process's. */
export type NetworkCheckRun =
  | { readonly state: 'idle' }
  | { readonly state: 'running' }
  | { readonly state: 'ended'; readonly result: Omit<ClusterNetworkPolicy, 'since'> }

export interface NetworkCheckObserved {
  /** Whether a project asks for isolation in this cluster. */
  readonly wanted: boolean
  readonly run: NetworkCheckRun
}

/** Networks rarely change, and each measurement starts pods. */
export const remeasureSeconds = 24 * 3600
/** What is not known may have been a registry that was away. */
const unknownSeconds = 300
/** No change of the cluster starts measurements faster than this. */
const leastSeconds = 60

/** API groups that come and go with a network plugin. */
const networkGroups =
  /(^|\.)(cilium\.io|projectcalico\.org|antrea\.io|kubeovn\.io|k8s\.ovn\.org|policy\.networking\.k8s\.io|networking\.gke\.io|networking\.k8s\.aws)$/

/** By what a cluster's network is told from another one, as far as it shows without looking into it. */
export const networkMark = (version: string, apiGroups: readonly string[]): string =>
  [version, ...apiGroups.filter((group) => networkGroups.test(group)).sort()].join(' ').slice(0, 512)

/** What an administrator asked with, as far as a status takes it. */
export const requestOf = ({ annotations: has }: Cluster['metadata']): string | undefined => {
  const text = has?.[annotations.networkCheck]?.slice(0, 256)
  return text === '' ? undefined : text
}

/**
 * Whether to measure now: never where nobody wants isolation, unless an administrator asks; again each day, soon where it
 * is not known, and when the cluster looks like another one.
 */
export function isCheckDue(
  { metadata, status }: Cluster,
  { wanted, run }: NetworkCheckObserved,
  { mark, now }: { readonly mark: string; readonly now: string },
): boolean {
  if (run.state === 'running') return false
  const request = requestOf(metadata)
  const last = newestOf(status?.networkPolicy, run)
  if (request !== undefined && request !== last?.request) return true
  if (!wanted) return false
  if (last === undefined) return true
  const seconds = (Date.parse(now) - Date.parse(last.checkedAt)) / 1000
  // a clock that was put back must not hold it up for good
  if (seconds < 0) return true
  if (seconds < leastSeconds) return false
  if (last.state === 'Unknown') return seconds >= unknownSeconds
  return seconds >= remeasureSeconds || (last.seen !== undefined && last.seen !== mark)
}

/** What the status says after what was measured: `since` holds as long as the state does. */
export function computeNetworkPolicy(
  before: ClusterNetworkPolicy | undefined,
  run: NetworkCheckRun,
): ClusterNetworkPolicy | undefined {
  const newest = newestOf(before, run)
  if (newest === undefined || newest === before) return before
  return { ...newest, since: before?.state === newest.state ? before.since : newest.checkedAt }
}

function newestOf(before: ClusterNetworkPolicy | undefined, run: NetworkCheckRun) {
  if (run.state !== 'ended') return before
  return before === undefined || before.checkedAt < run.result.checkedAt ? run.result : before
}
