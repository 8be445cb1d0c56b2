import type { Failure, ObjectChange } from '@flotilla/api'
import type { Io } from '../io.ts'
import { paint } from './colour.ts'
import { neutralise, neutraliseLine } from './neutralise.ts'

const words = { added: '+', removed: '-', changed: '~' } as const

/** What differs, object by object, as unified differences. */
export function printChanges(io: Io, items: readonly ObjectChange[]): void {
  for (const { cluster, namespace, component, ref, change, diff, truncated } of items) {
    const name = `${ref.kind} ${ref.namespace === '' ? '' : `${ref.namespace}/`}${ref.name}`
    const head = `${words[change]} ${name}  (${component} in ${cluster}/${namespace}, ${change})`
    io.out(`${paint(io, 'bold', neutraliseLine(head))}\n`)
    for (const line of neutralise(diff).split('\n')) {
      if (line === '') continue
      const colour = line.startsWith('+')
        ? 'green'
        : line.startsWith('-')
          ? 'red'
          : line.startsWith('@@')
            ? 'blue'
            : undefined
      io.out(`${paint(io, colour, line)}\n`)
    }
    if (truncated === true) io.out('... cut: too long to show\n')
    io.out('\n')
  }
}

/** Clusters that did not answer go to standard error: what they would have said is missing. */
export function printFailures(io: Io, failures: readonly Failure[]): void {
  for (const { cluster, reason, since } of failures)
    io.err(neutraliseLine(`${cluster}: not seen${since === undefined ? '' : ` since ${since}`}: ${reason}`) + '\n')
}
