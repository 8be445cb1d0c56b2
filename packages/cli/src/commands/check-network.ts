import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterRow } from '@flotilla/api'
import { NotAsWanted } from '../exit.ts'
import type { Io } from '../io.ts'
import { age } from '../print/age.ts'
import { neutraliseLine } from '../print/neutralise.ts'
import { type OutputForm, printResult } from '../print/result.ts'
import { connect } from '../settings/connect.ts'

const words = { Enforced: 'enforced', NotEnforced: 'not enforced', Unknown: 'not known' } as const

/** A measurement ends after two minutes at the latest, and a server begins it within half a minute. */
const longestMs = 180_000
const lookMs = 1000

/** Whether a cluster acts on network policies, as far as it was measured. */
export function networkText(io: Io, { networkPolicy }: Pick<ClusterRow, 'networkPolicy'>): string | undefined {
  if (networkPolicy === undefined) return undefined
  const { state, since, checkedAt, message } = networkPolicy
  const now = io.now()
  return `Network policies: ${words[state]} for ${age(since, now)}, measured ${age(checkedAt, now)} ago. ${neutraliseLine(message)}`
}

/** Has it measured now, and waits for the answer. */
export async function checkNetwork(
  io: Io,
  name: string,
  options: { readonly context?: string; readonly output: OutputForm },
): Promise<void> {
  const { api } = await connect(io, options.context)
  const ask = { params: { cluster: name }, signal: io.signal }
  const before = await api.clusters.change({ ...ask, body: { checkNetwork: true } })
  const until = io.now() + longestMs
  for (;;) {
    const { networkPolicy, connection } = await api.clusters.get(ask)
    if (networkPolicy !== undefined && networkPolicy.checkedAt !== before.networkPolicy?.checkedAt) {
      const { state, message } = networkPolicy
      if (options.output !== 'table') await printResult(io, options.output, networkPolicy)
      else io.out(`${name}: network policies are ${words[state]}. ${neutraliseLine(message)}\n`)
      if (state !== 'Enforced') throw new NotAsWanted('')
      return
    }
    if (connection.state === 'lost') throw new NotAsWanted(`${name} is lost: nothing can be measured there now`)
    if (io.now() > until)
      throw new NotAsWanted(
        `Nothing was measured within ${longestMs / 60_000} minutes; flotilla cluster show ${name} tells it when it is`,
      )
    await sleep(lookMs, undefined, { signal: io.signal })
  }
}
