import type { RolloutDocumentTarget } from '@flotilla/model'
import { redactor } from '@flotilla/render'
import type { StoredSets } from '../../rendered-set.ts'
import type { Telling } from '../../runs/run-log.ts'
import { secretsOf } from '../../secrets-of.ts'

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
