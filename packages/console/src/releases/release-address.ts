export const tabNames = ['rollout', 'targets', 'approvals', 'about'] as const
export type TabName = (typeof tabNames)[number]

export const parseTab = (word: string | undefined): TabName => tabNames.find((tab) => tab === word) ?? 'rollout'

interface ReleasePlace {
  readonly project: string
  readonly name: string
  readonly tab?: TabName
  /** A rollout other than the newest. */
  readonly run?: string
}

/** Where a release is shown. */
export function releaseAddress({ project, name, tab = 'rollout', run }: ReleasePlace): string {
  const base = `/releases/${project}/${name}${tab === 'rollout' ? '' : `/${tab}`}`
  return run === undefined ? base : `${base}?run=${encodeURIComponent(run)}`
}
