import { FlotillaError, isRecord, type ObjectRef, refuseUnsafeIntegers } from '@flotilla/model'
import { answerQuestions, tooSlowToParse, writeQuickJson } from '@flotilla/render/thread'
import { noRelease, unpackPayload } from '../release-payload.ts'
import { packChartOf } from './chart-of-release.ts'
import { readManifestRefs } from './manifest-refs.ts'

export interface ReleaseQuestion {
  /** As it lies in the Secret. */
  readonly release: string
  /** Of the objects that name none. */
  readonly namespace: string
  readonly withChart: boolean
}

export interface OpenedRelease {
  readonly chartName: string
  readonly values: Readonly<Record<string, unknown>>
  /** The objects in its manifest. */
  readonly refs: readonly ObjectRef[]
  /** Packed from the record, where it was asked for. */
  readonly chart: Uint8Array | undefined
}

export interface ReleaseAnswer {
  /** All but the chart. */
  readonly json: string
  readonly chart: Uint8Array | undefined
}

const maxDepth = 100

async function openRelease({ release, namespace, withChart }: ReleaseQuestion): Promise<ReleaseAnswer> {
  const payload = parsePayload((await unpackPayload(release)).toString('utf8'))
  const { chart, config, manifest } = payload
  const values = isRecord(config) ? config : {}
  if (isDeeperThan(values, maxDepth)) throw tooLarge(`nest deeper than ${maxDepth} levels`)
  refuseUnsafeIntegers(values, 'values of the release')
  if (isRecord(chart)) refuseUnsafeIntegers(chart['values'], 'values of the chart')
  const metadata = isRecord(chart) && isRecord(chart['metadata']) ? chart['metadata'] : {}
  const packed = withChart ? await packChartOf(payload) : undefined
  const refs = readManifestRefs(typeof manifest === 'string' ? manifest : '', namespace)
  const parts: Omit<OpenedRelease, 'chart'> = { chartName: String(metadata['name']), values, refs }
  const json = writeQuickJson(parts)
  if (json === undefined) throw tooLarge(`and the names of its objects have ${tooSlowToParse}`)
  // a copy: what lies beside it in a shared buffer stays here
  return { json, chart: packed === undefined ? undefined : new Uint8Array(packed) }
}

function parsePayload(text: string): Record<string, unknown> {
  try {
    const payload: unknown = JSON.parse(text)
    if (isRecord(payload)) return payload
  } catch {
    // said below, without what it holds
  }
  throw noRelease()
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((below) => isDeeperThan(below, levels - 1))
}

function tooLarge(why: string): FlotillaError {
  return new FlotillaError('input.too_large', {
    message: `The values of the release ${why}`,
    field: 'helmRelease',
    remedy: 'Take over its objects by name instead',
  })
}

answerQuestions(async (question: ReleaseQuestion) => {
  try {
    return await openRelease(question)
  } catch (thrown) {
    // nested too deep for a stack
    throw thrown instanceof RangeError ? noRelease() : thrown
  }
})
