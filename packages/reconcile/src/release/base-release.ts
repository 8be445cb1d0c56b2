import type { Delivery, Release } from '@flotilla/model'

/**
 * The release that an application has now, which a later one builds on: the active one; after a rollback the newest of
 * those that its targets have.
 */
export function findBaseRelease(releases: readonly Release[], deliveries: readonly Delivery[]): Release | undefined {
  const frozen = releases
    .filter(({ status }) => status?.frozen !== undefined)
    .toSorted((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1))
  const had = new Set(deliveries.map(({ spec }) => spec.desired?.release))
  return (
    frozen.find(({ status }) => status?.phase === 'Active') ?? frozen.find(({ metadata }) => had.has(metadata.name))
  )
}

const timeOf = ({ status }: Release): string => status?.frozen?.at ?? ''
