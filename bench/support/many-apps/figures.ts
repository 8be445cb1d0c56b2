import { spreadOf } from '../statistics.ts'
import type { Figure } from '../write-result.ts'
import type { SideName } from './side.ts'
import { type Phase, type PhaseName, phaseNames, type Turn } from './take-turn.ts'

/** A round: every side in turn. */
export type Round = Readonly<Partial<Record<SideName, Turn>>>

const titles = { flotilla: 'Flotilla', argo: 'Argo CD', helm: 'helm' } as const
const phases: Readonly<Record<PhaseName, string>> = {
  install: 'install of all',
  upgrade: 'upgrade of all',
  oneTold: 'commit that touches one, told of that one',
  oneAllAsked: 'commit that touches one, all asked',
}
const timesAsFast = 3
const partOfMemory = 0.5

export function figuresOf(rounds: readonly Round[]): Figure[] {
  const others = (['argo', 'helm'] as const).filter((name) => rounds.every((round) => round[name] !== undefined))
  const times = phaseNames.flatMap((phase) => [
    ...(['flotilla', ...others] as const).map((side) => ({
      what: `${titles[side]}, ${phases[phase]}`,
      unit: 's',
      value: spreadOf(rounds.map((round) => phaseOf(round, side, phase).ms / 1000)),
    })),
    ...others.map((side) => compareTimes(rounds, side, phase)),
  ])
  const memory = (['flotilla', ...others] as const).map((side) => ({
    what: `${titles[side]}, memory at most`,
    unit: 'MB',
    value: spreadOf(rounds.map((round) => mostMemory(round, side))),
  }))
  const smaller = others.includes('argo') ? [compareMemory(rounds, 'argo')] : []
  return [...times, ...memory, ...smaller, ...countRenders(rounds, others)]
}

function compareTimes(rounds: readonly Round[], side: SideName, phase: PhaseName): Figure {
  const ratio = spreadOf(rounds.map((round) => phaseOf(round, side, phase).ms / phaseOf(round, 'flotilla', phase).ms))
  const figure = { what: `${titles[side]} / Flotilla, ${phases[phase]}`, unit: 'x', value: ratio }
  if (phase !== 'install' && phase !== 'upgrade') return figure
  return { ...figure, toReach: `>= ${timesAsFast}x`, reached: ratio.median >= timesAsFast }
}

function compareMemory(rounds: readonly Round[], side: SideName): Figure {
  const ratio = spreadOf(rounds.map((round) => mostMemory(round, 'flotilla') / mostMemory(round, side)))
  return {
    what: `Flotilla / ${titles[side]}, memory at most`,
    unit: 'x',
    value: ratio,
    toReach: `<= ${partOfMemory}x`,
    reached: ratio.median <= partOfMemory,
  }
}

function countRenders(rounds: readonly Round[], others: readonly SideName[]): Figure[] {
  const countOf = (side: SideName) => spreadOf(rounds.map((round) => phaseOf(round, side, 'oneAllAsked').renders))
  const own = countOf('flotilla')
  return [
    {
      what: `Flotilla, rendered for the ${phases.oneAllAsked}`,
      unit: 'applications',
      value: own,
      toReach: '1',
      reached: own.lowest === 1 && own.highest === 1,
    },
    ...others.map((side) => ({
      what: `${titles[side]}, rendered for the ${phases.oneAllAsked}`,
      unit: 'applications',
      value: countOf(side),
    })),
  ]
}

function phaseOf(round: Round, side: SideName, phase: PhaseName): Phase {
  const turn = round[side]
  if (turn === undefined) throw new Error(`${side} took no turn`)
  return turn[phase]
}

const mostMemory = (round: Round, side: SideName): number =>
  Math.max(...phaseNames.map((phase) => phaseOf(round, side, phase).residentMb))
