import type { ApplicationSpec } from '@flotilla/model'

const mostPaths = 200
const deepest = 6

function* pathsOf(value: unknown, prefix: string, depth: number): Generator<string> {
  if (depth < deepest && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [key, child] of Object.entries(value)) {
      yield* pathsOf(child, prefix === '' ? key : `${prefix}.${key}`, depth + 1)
    }
  } else if (prefix !== '') yield prefix
}

/** Paths of values worth asking about for a component: what overrides change first, then what the application says. */
export function listValuePaths(spec: Pick<ApplicationSpec, 'components' | 'overrides'>, component: string): string[] {
  const found = new Set<string>()
  for (const override of spec.overrides ?? []) {
    if (override.component !== undefined && override.component !== component) continue
    for (const path of pathsOf(override.values ?? {}, '', 0)) found.add(path)
  }
  for (const own of spec.components) {
    if (own.name === component) for (const path of pathsOf(own.values ?? {}, '', 0)) found.add(path)
  }
  return [...found].slice(0, mostPaths)
}
