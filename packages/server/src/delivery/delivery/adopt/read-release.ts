import type { KubeClient } from '@flotilla/kube'
import { FlotillaError, type KubeObject, isRecord } from '@flotilla/model'
import { readRecord } from '../../live/release-watch.ts'
import { openRelease } from './open-release.ts'
import type { OpenedRelease } from './release-thread.ts'

export interface FoundRelease extends OpenedRelease {
  readonly revision: number
}

/**
 * The newest revision of a Helm release. Errors: `request.not_found`, `request.conflict`, `delivery.owned_by_other`, those
 * of openRelease; `input.invalid` when its chart is asked for and has subcharts.
 */
export async function readRelease(
  client: KubeClient,
  namespace: string,
  release: string,
  withChart: boolean,
  signal: AbortSignal,
): Promise<FoundRelease> {
  const { items } = await client.list(
    { group: '', version: 'v1', kind: 'Secret' },
    { namespace, labelSelector: `owner=helm,name=${release}`, maxItems: 1000, pageSize: 50, signal },
  )
  const records = items.flatMap((secret) => {
    const record = readRecord(secret)
    return record === undefined ? [] : [{ secret, record }]
  })
  const [newest] = records.sort((a, b) => b.record.revision - a.record.revision)
  if (newest === undefined) {
    throw new FlotillaError('request.not_found', {
      message: `There is no Helm release ${release} in ${namespace}`,
      field: 'helmRelease',
      value: release,
      remedy: 'See `helm list` in that namespace for those that there are',
    })
  }
  const { record, secret } = newest
  if (record.writtenBy !== undefined) {
    throw new FlotillaError('delivery.owned_by_other', {
      message: `Flotilla itself delivers the release ${release}`,
      field: 'helmRelease',
    })
  }
  if (record.status !== 'deployed') {
    throw new FlotillaError('request.conflict', {
      message: `The release ${release} is ${record.status}`,
      remedy: 'Let helm end what it does, or mend the release with helm first',
    })
  }
  const opened = await openRelease({ release: releaseOf(secret), namespace, withChart }, signal)
  return { ...opened, revision: record.revision }
}

function releaseOf({ data }: KubeObject): string {
  const release = isRecord(data) ? data['release'] : undefined
  return typeof release === 'string' ? release : ''
}
