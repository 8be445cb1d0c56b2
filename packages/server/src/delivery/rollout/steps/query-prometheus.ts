import { readField, readList } from '@flotilla/reconcile'

export interface Sample {
  readonly good: boolean
  /** What was measured, and against what. */
  readonly text: string
}

export interface Bounds {
  readonly min?: number | undefined
  readonly max?: number | undefined
}

/** Address of an instant query (Prometheus HTTP API, `/api/v1/query`) below the address of a Prometheus. */
export function prometheusAddress(base: string, query: string): URL {
  const url = new URL(base)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/api/v1/query`
  url.searchParams.set('query', query)
  return url
}

const longest = 160

/** What an answer says of the bounds. Every series of a vector has to be within; an answer without a number is not good. */
export function judgePrometheus(status: number, body: string, bounds: Bounds): Sample {
  const answer = parseJson(body)
  if (readField(answer, 'status') === 'error') {
    const error = readField(answer, 'error')
    return bad(`the query failed: ${typeof error === 'string' ? error.slice(0, longest) : 'no reason given'}`)
  }
  if (status < 200 || status > 299) return bad(`answered ${status}`)
  if (readField(answer, 'status') !== 'success') return bad('what answers is no Prometheus')
  const type = readField(answer, 'data', 'resultType')
  if (type === 'scalar') return judge([readList(answer, 'data', 'result')[1]], bounds)
  if (type !== 'vector') return bad(`the query gives a ${String(type)}; an instant vector or a scalar is needed`)
  const values = readList(answer, 'data', 'result').map((series) => readList(series, 'value')[1])
  return values.length === 0 ? bad('the query gives nothing') : judge(values, bounds)
}

function judge(found: readonly unknown[], { min, max }: Bounds): Sample {
  const values = found.map((value) => (typeof value === 'string' ? parseNumber(value) : Number.NaN))
  const isGood = (value: number): boolean =>
    !Number.isNaN(value) && (min === undefined || value >= min) && (max === undefined || value <= max)
  // the worst one says why
  const shown = values.find((value) => !isGood(value)) ?? values[0] ?? Number.NaN
  const good = values.every(isGood)
  const wanted =
    min !== undefined && max !== undefined
      ? `within ${min} and ${max}`
      : min !== undefined
        ? `>= ${min}`
        : `<= ${String(max)}`
  const more = values.length > 1 ? ` (of ${values.length} series)` : ''
  return { good, text: `${format(shown)} ${wanted}${more} ${good ? 'ok' : 'not ok'}` }
}

/** As Go writes numbers, which is how Prometheus does: also `+Inf`, `-Inf` and `NaN`. */
function parseNumber(text: string): number {
  if (/^[+-]?Inf$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  return text.trim() === '' ? Number.NaN : Number(text)
}

const format = (value: number): string =>
  Number.isInteger(value) || !Number.isFinite(value) ? String(value) : String(Number(value.toPrecision(6)))

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const bad = (text: string): Sample => ({ good: false, text })
