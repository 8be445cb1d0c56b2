import type { CallOptions } from './kube-client.ts'
import type { KindRef, ResolvedKind } from './kind-ref.ts'

/** What kinds the cluster serves. Cached; asked again after a while, and at once when a kind is missing. */
export interface Discovery {
  /** `kube.kind_not_served` when the cluster has no such kind, `kube.group_unavailable` when its group does not answer. */
  resolveKind(kind: KindRef, options?: CallOptions): Promise<ResolvedKind>
  /** Every kind in its preferred version. */
  kinds(options?: CallOptions): Promise<readonly ResolvedKind[]>
  /** `v1`, `apps/v1`, `apps/v1/Deployment` ...: what Helm charts ask for as capabilities. Sorted. */
  apiVersions(options?: CallOptions): Promise<readonly string[]>
  /** Group versions that are registered but did not answer. */
  unavailable(options?: CallOptions): Promise<readonly string[]>
  /** The next question asks the cluster again. */
  forget(): void
}
