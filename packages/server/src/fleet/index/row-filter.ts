import type { ResourceFilter } from '@flotilla/api'
import { FlotillaError, matchesSelector, parseLabelSelector } from '@flotilla/model'
import type { LabelSet, SlimRow } from './slim-row.ts'

export interface RowFilter {
  /** Everything but the state, of which the numbers are counted as if none were chosen. */
  readonly besidesState: (row: SlimRow) => boolean
  readonly state: (row: SlimRow) => boolean
}

/** What a row itself must be; cluster, namespace and project are decided once for many rows (`placesWanted`). */
export function compileFilter(wanted: ResourceFilter): RowFilter {
  const tests: ((row: SlimRow) => boolean)[] = []
  const q = wanted.q?.trim().toLowerCase() ?? ''
  // names of Kubernetes are in lower case, but for a few kinds
  if (q !== '') tests.push(({ name }) => name.includes(q) || name.toLowerCase().includes(q))
  const { node, image } = wanted
  if (node !== undefined) tests.push((row) => row.node === node)
  if (wanted.health !== undefined) {
    const health = new Set<unknown>(wanted.health)
    tests.push((row) => health.has(row.health))
  }
  if (wanted.owner !== undefined) tests.push(ownerTest(wanted.owner))
  if (image !== undefined) tests.push(remembering('images', (images) => images.some((one) => one.includes(image))))
  if (wanted.labels !== undefined) {
    const selector = parseLabelSelector(wanted.labels)
    // the contract's schema has refused such a one
    if ('wrong' in selector) throw new FlotillaError('input.invalid', { message: 'no label selector', field: 'labels' })
    tests.push(remembering('labels', (labels: LabelSet) => matchesSelector(selector, labels)))
  }
  const states = wanted.state === undefined ? undefined : new Set(wanted.state)
  return {
    besidesState: (row) => {
      for (const test of tests) if (!test(row)) return false
      return true
    },
    state: states === undefined ? () => true : (row) => states.has(row.state),
  }
}

function ownerTest(owner: string): (row: SlimRow) => boolean {
  if (owner.includes('/')) return (row) => row.owner === owner
  const part = owner.toLowerCase()
  return (row) => row.owner !== undefined && row.owner.toLowerCase().includes(part)
}

/** Many rows have the same labels and images: each is looked at once, and forgotten with the last row that has it. */
function remembering<F extends 'labels' | 'images'>(
  field: F,
  test: (value: SlimRow[F]) => boolean,
): (row: SlimRow) => boolean {
  const said = new WeakMap<SlimRow[F], boolean>()
  return (row) => {
    const value = row[field]
    let answer = said.get(value)
    if (answer === undefined) {
      answer = test(value)
      said.set(value, answer)
    }
    return answer
  }
}
