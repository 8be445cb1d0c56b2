import { Buffer } from 'node:buffer'
import { isRecord, type RolloutDocumentTarget } from '@flotilla/model'
import { redactor } from '@flotilla/render'
import type { StoredSet, StoredSets } from '../../rendered-set.ts'
import type { Telling } from '../../runs/run-log.ts'

/** Shorter texts are everywhere: hiding them would hide everything and protect nothing. */
const shortestSecret = 5

/** What of a target must appear in no log and no message: the secrets of what it has and of what it is to have. */
export async function tellOf(sets: Pick<StoredSets, 'get'>, place: RolloutDocumentTarget): Promise<Telling> {
  const secrets = new Set<string>()
  const digests = new Set(
    [...(place.want?.components ?? []), ...(place.before?.components ?? [])].map((one) => one.digest),
  )
  let withLog = true
  for (const digest of digests) {
    const set = await sets.get(digest)
    // nobody knows what it held
    if (set === undefined) withLog = false
    else for (const secret of secretsOf(set)) secrets.add(secret)
  }
  return { clean: redactor([...secrets]), withLog }
}

function* secretsOf({ secrets = [], objects }: StoredSet): Generator<string> {
  yield* secrets
  for (const object of objects) {
    if (object.kind !== 'Secret' || object.apiVersion !== 'v1') continue
    const { data, stringData } = object
    for (const value of isRecord(stringData) ? Object.values(stringData) : [])
      if (typeof value === 'string' && value.length >= shortestSecret) yield value
    for (const value of isRecord(data) ? Object.values(data) : []) {
      const text = typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : ''
      if (text.length >= shortestSecret) yield text
    }
  }
}
