import { hash } from 'node:crypto'
import { contentDigest } from '../digests.ts'
import type { HttpAnswer } from './http-client.ts'
import type { FoundChart } from './source-context.ts'

/** What a server said of an index.yaml, to ask next time only whether it changed. */
interface Validators {
  readonly headers: Readonly<Record<string, string>>
  readonly digest: string
}

const mostIndexes = 500
const mostCharts = 5000
const longestValidator = 1024

/**
 * Remembers of each chart repository which index.yaml it had and what was found in it, not the index itself: it may have
 * tens of megabytes. In memory only; without it everything is fetched and read again.
 */
export class IndexMemory {
  readonly #validators = new Map<string, Validators>()
  readonly #charts = new Map<string, FoundChart>()

  /** What was found last under this address, and the headers that ask whether it still is so. */
  known(url: URL, authorization: string | undefined, name: string, version: string) {
    const validators = this.#validators.get(keyOf(url, authorization))
    if (validators === undefined) return undefined
    const chart = this.#charts.get(chartKey(validators.digest, name, version))
    return chart === undefined ? undefined : { headers: validators.headers, chart }
  }

  /** Finds a chart in an index that was fetched; the same index is read once for each chart and version. */
  async find(
    { url, authorization, name, version }: Question,
    { headers, body }: HttpAnswer,
    read: () => Promise<FoundChart>,
  ): Promise<FoundChart> {
    const digest = contentDigest(body)
    const key = chartKey(digest, name, version)
    const chart = this.#charts.get(key) ?? (await read())
    keep(this.#charts, key, chart, mostCharts)
    const conditions = conditionsOf(headers)
    if (conditions === undefined) this.#validators.delete(keyOf(url, authorization))
    else keep(this.#validators, keyOf(url, authorization), { headers: conditions, digest }, mostIndexes)
    return chart
  }
}

interface Question {
  readonly url: URL
  readonly authorization: string | undefined
  readonly name: string
  readonly version: string
}

/** Two people may be shown different indexes at one address. */
const keyOf = (url: URL, authorization: string | undefined): string =>
  `${url.href} ${authorization === undefined ? '' : hash('sha256', authorization, 'hex')}`

const chartKey = (digest: string, name: string, version: string): string => JSON.stringify([digest, name, version])

/** RFC 9110: an entity tag tells more than a date, so that a date is sent only where there is no tag. */
function conditionsOf(headers: HttpAnswer['headers']): Record<string, string> | undefined {
  const text = (value: unknown): string | undefined =>
    typeof value === 'string' && value !== '' && value.length <= longestValidator ? value : undefined
  const tag = text(headers['etag'])
  if (tag !== undefined) return { 'if-none-match': tag }
  const date = text(headers['last-modified'])
  return date === undefined ? undefined : { 'if-modified-since': date }
}

/** The one that was used longest ago goes first. */
function keep<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > most && oldest !== undefined) map.delete(oldest)
}
