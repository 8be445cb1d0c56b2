/** What a history consists of, each begun when the one before has ended. A rollout in trouble takes the place of another. */
export const phases = ['freeze', 'rollout', 'rollback', 'trouble', 'removal'] as const
export type Phase = (typeof phases)[number]

/** The process dies when the phase passes this point for the so-manieth time, or the next time that it does. */
export interface Kill {
  readonly phase: Phase
  readonly point: string
  readonly pass: number | 'next'
}

export type Passed = Readonly<Record<Phase, readonly string[]>>
export type History = Readonly<Record<Phase, readonly Kill[]>>

export const noKills: History = { freeze: [], rollout: [], rollback: [], trouble: [], removal: [] }

const isOfEngine = (point: string): boolean => /^(?:rollout|step|release|history)-/.test(point)
const isUsual = (phase: Phase): boolean => phase !== 'trouble' && phase !== 'removal'

/**
 * From what histories without kills passed: of the engine of rollouts the first and the last time of each point in each usual phase, and
 * those that only trouble and removal (there the first two times) come to; of what it works with the first time of all.
 */
export function planKills(passed: Passed): Kill[] {
  const seen = new Set<string>()
  return phases.flatMap((phase) => {
    const points = [...new Set(passed[phase])].filter((point) =>
      isUsual(phase) ? isOfEngine(point) || !seen.has(point) : isOfEngine(point) && !seen.has(point),
    )
    for (const point of points) seen.add(point)
    return points
      .flatMap((point) => {
        const times = isOfEngine(point) ? timesOf(passed[phase], point) : 1
        // what a lane has to remove depends on what it lived through
        const last = phase === 'removal' ? Math.min(times, 2) : times
        return [...new Set([1, last])].map((pass) => ({ phase, point, pass }))
      })
      .toSorted((a, b) => placeOf(passed[phase], a) - placeOf(passed[phase], b))
  })
}

const inPhases = (of: (phase: Phase) => readonly Kill[]): History => ({
  freeze: of('freeze'),
  rollout: of('rollout'),
  rollback: of('rollback'),
  trouble: of('trouble'),
  removal: of('removal'),
})

/** Deals kills to so many histories, so that those of one lie far from each other. */
export const dealKills = (kills: readonly Kill[], histories: number): History[] =>
  Array.from({ length: histories }, (_, index) =>
    inPhases((phase) => kills.filter((kill) => kill.phase === phase).filter((_kill, at) => at % histories === index)),
  )

/** One history in which the process dies at one point of the engine after the other, as soon as it comes to it. */
export const chainKills = (kills: readonly Kill[]): History =>
  inPhases((phase) =>
    kills
      .filter((kill) => kill.phase === phase && kill.pass === 1 && isOfEngine(kill.point))
      .map(({ point }) => ({ phase, point, pass: 'next' })),
  )

export const timesOf = (passed: readonly string[], point: string): number =>
  passed.filter((name) => name === point).length

/** Where in the record it is. */
function placeOf(
  passed: readonly string[],
  { point, pass }: { readonly point: string; readonly pass: number },
): number {
  let left = pass
  return passed.findIndex((name) => name === point && --left === 0)
}
