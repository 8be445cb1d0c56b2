import type { ReleaseDifference } from '@flotilla/api'
import { NotAsWanted, UsageError } from '../exit.ts'
import { findRelease } from '../find-release.ts'
import type { Io } from '../io.ts'
import { printChanges, printFailures } from '../print/difference.ts'
import { findingText } from '../print/findings.ts'
import { neutraliseLine } from '../print/neutralise.ts'
import { componentsText, countsText, targetsText } from '../print/release-text.ts'
import { printResult } from '../print/result.ts'
import { connect } from '../settings/connect.ts'
import type { ReleaseOptions } from './release-options.ts'

export interface DiffReleaseOptions extends ReleaseOptions {
  readonly cluster?: readonly string[]
  readonly namespace?: string
  readonly component?: readonly string[]
  readonly stat?: boolean
  readonly exitCode?: boolean
}

/** What a release changes against what ran when it was frozen; with two, what the second changes against the first. */
export async function diffRelease(
  io: Io,
  text: string,
  other: string | undefined,
  options: DiffReleaseOptions,
): Promise<void> {
  const { api } = await connect(io, options.context)
  const first = await findRelease(io, api, text, options.project)
  const second = other === undefined ? undefined : await findRelease(io, api, other, options.project ?? first.project)
  if (second !== undefined && second.project !== first.project)
    throw new UsageError('both releases have to be of one project')
  const { cluster, namespace, component } = options
  const answer = await api.releases.difference({
    params: second ?? first,
    query: {
      ...(second === undefined ? {} : { against: first.release }),
      ...(cluster === undefined ? {} : { cluster: [...cluster] }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(component === undefined ? {} : { component: [...component] }),
    },
    signal: io.signal,
  })
  if (options.output !== 'table') await printResult(io, options.output, answer)
  else print(io, answer, options.stat === true)
  if (options.exitCode === true && differs(answer)) throw new NotAsWanted('')
}

const differs = ({ targets, items }: ReleaseDifference): boolean =>
  items.length > 0 || targets.some(({ added, changed, removed }) => added + changed + removed > 0)

function print(io: Io, answer: ReleaseDifference, stat: boolean): void {
  const components = componentsText(io, answer.components)
  if (components !== '') io.out(`${components}\n`)
  if (stat) io.out(targetsText(io, answer.targets))
  else printChanges(io, answer.items)
  printFailures(io, answer.failures)
  for (const finding of answer.findings) io.err(`${findingText(io, finding)}\n`)
  const sum = { added: 0, changed: 0, removed: 0 }
  for (const { added, changed, removed } of answer.targets) {
    sum.added += added
    sum.changed += changed
    sum.removed += removed
  }
  io.err(`${countsText(sum)} objects in ${answer.targets.length} targets, ${answer.unchanged} do not differ\n`)
  if (answer.truncated && !stat)
    io.err(`Only ${answer.items.length} objects are shown: choose with --cluster or --component\n`)
  io.err(
    neutraliseLine(
      answer.digest === undefined ? 'A draft: freeze it to have it approved' : `Digest: ${answer.digest}`,
    ) + '\n',
  )
}
