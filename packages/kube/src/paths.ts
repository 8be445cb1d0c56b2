import type { ResolvedKind } from './kind-ref.ts'

/** `/apis/apps/v1/namespaces/shop/deployments/web/scale`; refuses names that Kubernetes would not take. */
export function objectPath(
  kind: Pick<ResolvedKind, 'group' | 'version' | 'resource' | 'namespaced' | 'kind'>,
  at: { namespace?: string | undefined; name?: string | undefined; subresource?: string | undefined },
): string {
  throw new Error(`not built yet: ${kind.kind} ${at.name}`)
}
