import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Load, Machine } from './machine.ts'
import type { Spread } from './statistics.ts'

export interface Figure {
  readonly what: string
  readonly unit: string
  readonly value: number | Spread
  /** As people read it: `<= 200 ms`. */
  readonly toReach?: string
  readonly reached?: boolean
}

/** What a benchmark gives back; a run whose checks fail throws, and gives nothing. */
export interface Outcome {
  /** Under which it is kept, where that says more than the name of the benchmark. */
  readonly name?: string
  readonly title: string
  /** Said beside the figures: what is simulated, what is left out. */
  readonly conditions: readonly string[]
  /** What was asserted in the same run. */
  readonly checked: string
  readonly figures: readonly Figure[]
  readonly versions: Readonly<Record<string, string>>
  /** Everything that was measured. */
  readonly samples: unknown
}

export interface Result extends Outcome {
  readonly name: string
  readonly takenAt: string
  readonly machine: Machine
  readonly loadBefore: Load
  readonly loadAfter: Load
}

const folder = path.resolve(import.meta.dirname, '../results')

/** Writes `results/NAME.json`, and the table of all results anew. */
export async function writeResult(result: Result): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(path.join(folder, `${result.name}.json`), `${JSON.stringify(result, undefined, 2)}\n`)
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).toSorted()
  const all = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(path.join(folder, file), 'utf8')) as Result), // written above
  )
  const text = ['# Results', '', 'Written by `node bench/run.ts`; each with its samples in the JSON beside it.', '']
  await writeFile(path.join(folder, 'README.md'), [...text, ...all.flatMap(describe)].join('\n'))
}

function describe(result: Result): string[] {
  const { machine, versions, loadBefore, loadAfter } = result
  const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const rows = result.figures.map(
    ({ what, unit, value, toReach = '', reached }) =>
      `| ${what} | ${showValue(value)} ${unit} | ${toReach} | ${reached === undefined ? '' : reached ? 'yes' : '**no**'} |`,
  )
  return [
    `## ${result.name}: ${result.title}`,
    '',
    '| | Measured | To reach | Reached |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    ...result.conditions.map((condition) => `- ${condition}`),
    `- Checked in the same run: ${result.checked}`,
    `- ${result.takenAt.slice(0, 10)}; ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, Linux ${machine.kernel}, Node ${machine.node}` +
      `${used.length === 0 ? '' : `, ${used.join(', ')}`}; load ${loadBefore.perMinute} before, ${loadAfter.perMinute} after`,
    '',
  ]
}

const showNumber = (value: number): string => String(Math.round(value * 100) / 100)

export function showValue(value: Figure['value']): string {
  if (typeof value === 'number') return showNumber(value)
  return `${showNumber(value.median)} (${showNumber(value.lowest)} to ${showNumber(value.highest)})`
}
