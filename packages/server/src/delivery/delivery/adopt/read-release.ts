import type { KubeClient } from '@flotilla/kube'
import { FlotillaError, type KubeObject, isRecord, refuseUnsafeIntegers } from '@flotilla/model'
import { readRecord } from '../../live/release-watch.ts'
import { readPayload } from '../release-payload.ts'
import { packChartOf } from './chart-of-release.ts'

export interface FoundRelease {
  /** Packed from the record. Errors: `input.invalid` when it has subcharts. */
  readonly packChart: () => Promise<Uint8Array>
  readonly chartName: string
  readonly values: Readonly<Record<string, unknown>>
  readonly manifest: string
  readonly revision: number
}

/** The newest revision of a Helm release, with its chart. Errors: `request.not_found`, `request.conflict`, `delivery.owned_by_other`. */
export async function readRelease(
  client: KubeClient,
  namespace: string,
  release: string,
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
  const payload = await readPayload(releaseOf(secret))
  const { chart, config, manifest } = payload
  refuseUnsafeIntegers(config, 'values of the release')
  if (isRecord(chart)) refuseUnsafeIntegers(chart['values'], 'values of the chart')
  const metadata = isRecord(chart) && isRecord(chart['metadata']) ? chart['metadata'] : {}
  return {
    packChart: () => packChartOf(payload),
    chartName: String(metadata['name']),
    values: isRecord(config) ? config : {},
    manifest: typeof manifest === 'string' ? manifest : '',
    revision: record.revision,
  }
}

function releaseOf({ data }: KubeObject): string {
  const release = isRecord(data) ? data['release'] : undefined
  return typeof release === 'string' ? release : ''
}
