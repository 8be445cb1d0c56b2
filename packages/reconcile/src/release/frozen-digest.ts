import { type FrozenTarget, targetKey } from '@flotilla/model'

/** What the digest of a frozen release is made over, with the server's key: what each target gets, and nothing else. */
export const frozenDigestInput = (
  targets: readonly Pick<FrozenTarget, 'cluster' | 'namespace' | 'digest'>[],
): readonly (readonly [cluster: string, namespace: string, digest: string])[] =>
  targets
    .toSorted((a, b) => (targetKey(a) < targetKey(b) ? -1 : 1))
    .map(({ cluster, namespace, digest }) => [cluster, namespace, digest] as const)
