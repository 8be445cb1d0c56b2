import type { AuditVerification } from '@flotilla/api'
import type { AuditStore } from '../store/audit-store.ts'
import type { Anchor } from './anchors.ts'
import type { ChainHead } from './chain.ts'

/** Computes the chain again, a stretch at a time, then holds it against the anchors: one that was rewritten whole is found by them. */
export async function verifyChain(
  store: Pick<AuditStore, 'check' | 'head'>,
  anchors: { readonly known: readonly Anchor[]; readonly unknown?: string },
  options: { readonly now: () => number; readonly signal: AbortSignal },
): Promise<AuditVerification> {
  const wanted = [...new Set(anchors.known.map(({ sequence }) => sequence))]
  const hashes = new Map<number, string>()
  let from: ChainHead | undefined
  let records = 0
  let broken: AuditVerification['found']
  for (let done = false; !done;) {
    options.signal.throwIfAborted()
    const page = await store.check(from, wanted)
    for (const [sequence, hash] of page.hashes) hashes.set(sequence, hash)
    records += page.records
    from = page.head
    broken = page.broken
    done = page.done
  }
  const last = from?.sequence ?? 0
  const oldest = last - records + 1
  const found = [broken, faultOfAnchors(anchors.known, hashes, { oldest, last, stopped: broken !== undefined })]
    .filter((one) => one !== undefined)
    .sort((a, b) => a.sequence - b.sequence)[0]
  const head = await store.head()
  const newest = anchors.known.at(-1)
  return {
    state: found === undefined ? 'intact' : 'broken',
    at: new Date(options.now()).toISOString(),
    records,
    ...(records === 0 ? {} : { oldest }),
    ...(head === undefined ? {} : { head }),
    anchors: {
      compared: anchors.known.filter(({ sequence }) => sequence >= oldest && sequence <= last).length,
      ...(newest === undefined ? {} : { newest: { sequence: newest.sequence, hash: newest.hash, at: newest.at } }),
      ...(anchors.unknown === undefined ? {} : { unknown: anchors.unknown }),
    },
    ...(found === undefined ? {} : { found }),
  }
}

function faultOfAnchors(
  known: readonly Anchor[],
  hashes: ReadonlyMap<number, string>,
  { oldest, last, stopped }: { oldest: number; last: number; stopped: boolean },
): AuditVerification['found'] {
  let same = 0
  for (const { sequence, hash, at } of [...known].sort((a, b) => a.sequence - b.sequence)) {
    // what it says went with the oldest records
    if (sequence < oldest) continue
    if (sequence > last) {
      // the rest was not looked at
      if (stopped) return undefined
      return {
        sequence: last + 1,
        what: `The chain ends with record ${last}; at ${at} the host was told of record ${sequence}`,
      }
    }
    if (hashes.get(sequence) !== hash)
      return {
        sequence,
        what: `Record ${sequence} is not the one that the host was told of at ${at}: something was changed in records ${Math.max(same + 1, oldest)} to ${sequence}`,
      }
    same = sequence
  }
  return undefined
}
