import { FlotillaError, isRecord } from '@flotilla/model'

export type ValueMap = Readonly<Record<string, unknown>>

const deepest = 200

/**
 * Lays one set of Helm values over another as `helm -f base -f over` does: maps merge, anything else is replaced, lists
 * included. A null stays a null: over the chart's defaults it deletes (see `coalesceValues`).
 */
export function mergeValues(base: ValueMap, over: ValueMap): Record<string, unknown> {
  return merge(base, over, 0)
}

/** All layers, lowest first. Not the same as merging the upper ones first: the fold goes from the bottom. */
export function mergeAll(layers: readonly ValueMap[]): Record<string, unknown> {
  let merged: Record<string, unknown> = {}
  for (const layer of layers) merged = mergeValues(merged, layer)
  return merged
}

/**
 * Values over a chart's own defaults, as Helm coalesces them: a null deletes the default; a map over a default that is
 * none, and the reverse, replaces it. Subcharts are Helm's to do; this is one chart's table.
 */
export function coalesceValues(defaults: ValueMap, values: ValueMap): Record<string, unknown> {
  return coalesce(defaults, values, 0)
}

function merge(base: ValueMap, over: ValueMap, depth: number): Record<string, unknown> {
  if (depth > deepest) throw tooDeep()
  const out = new Map(Object.entries(base))
  for (const [key, value] of Object.entries(over)) {
    const below = out.get(key)
    out.set(key, isRecord(value) && isRecord(below) ? merge(below, value, depth + 1) : value)
  }
  return Object.fromEntries(out)
}

function coalesce(defaults: ValueMap, values: ValueMap, depth: number): Record<string, unknown> {
  if (depth > deepest) throw tooDeep()
  const out = new Map(Object.entries(values))
  for (const [key, fallback] of Object.entries(defaults)) {
    if (!out.has(key)) {
      out.set(key, fallback)
      continue
    }
    const value = out.get(key)
    if (value === null) out.delete(key)
    else if (isRecord(value) && isRecord(fallback)) out.set(key, coalesce(fallback, value, depth + 1))
  }
  return Object.fromEntries(out)
}

function tooDeep(): FlotillaError {
  return new FlotillaError('input.invalid', {
    message: `Values are nested more than ${deepest} levels deep`,
    remedy: 'Flatten them',
    field: 'values',
  })
}
