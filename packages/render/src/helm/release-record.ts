import { FlotillaError, type KubeObject } from '@flotilla/model'
import type { ReleaseRecord, ReleaseRecordInput, ReleaseRevision, ReleaseSecret, ReleaseStatus } from '../types.ts'
import type { WorkerPool } from '../worker/worker-pool.ts'
import type { DecodedRelease } from '../worker/worker-protocol.ts'

/** The Secret that Helm's own storage would write for this release. */
export async function encodeRelease(
  pool: WorkerPool,
  input: ReleaseRecordInput,
  signal: AbortSignal | undefined,
): Promise<ReleaseSecret> {
  const { source, content, ...identity } = input
  return pool.run<ReleaseSecret>({
    method: 'encodeRelease',
    params: {
      ...identity,
      labels: input.labels ?? {},
      chart: Buffer.from(source.bytes).toString('base64'),
      values: content.values,
      manifest: content.manifest,
      notes: content.notes,
      hooks: content.hooks,
    },
    signal,
  })
}

export async function decodeRelease(
  pool: WorkerPool,
  secret: KubeObject,
  signal: AbortSignal | undefined,
): Promise<ReleaseRecord> {
  const decoded = await pool.run<DecodedRelease>({
    method: 'decodeRelease',
    params: { secret: releaseSecretOf(secret) },
    signal,
  })
  const { manifest, notes, values, hooks, deleted, status, ...rest } = decoded
  return {
    ...rest,
    status: status as ReleaseStatus, // Helm's own words, taken as they are
    ...(deleted === '' ? {} : { deleted }),
    content: { manifest, notes, values, hooks },
  }
}

export async function reviseRelease(
  pool: WorkerPool,
  secret: KubeObject,
  revision: ReleaseRevision,
  signal: AbortSignal | undefined,
): Promise<ReleaseSecret> {
  return pool.run<ReleaseSecret>({
    method: 'reviseRelease',
    params: { secret: releaseSecretOf(secret), ...revision },
    signal,
  })
}

function releaseSecretOf(secret: KubeObject): { name: string; namespace: string; labels: object; data: string } {
  const data = (secret['data'] as { release?: unknown } | undefined)?.release
  if (secret.kind !== 'Secret' || typeof data !== 'string') {
    throw new FlotillaError('input.invalid', {
      message: `${secret.kind} ${secret.metadata.name} is no Secret with a Helm release`,
      field: 'data.release',
    })
  }
  const { name, namespace, labels } = secret.metadata
  return { name, namespace: namespace ?? '', labels: labels ?? {}, data }
}
