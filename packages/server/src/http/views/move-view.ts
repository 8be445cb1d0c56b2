import type { MoveRow } from '@flotilla/api'
import { endedMovePhases, type Move, type User, userIdentity } from '@flotilla/model'

/** A move as it is shown: people by their names. */
export function moveRow({ metadata, spec, status = {} }: Move, users: readonly User[]): MoveRow {
  const nameOf = (by: string): string =>
    users.find((user) => userIdentity(user.metadata.uid ?? '') === by)?.metadata.name ??
    (by.startsWith(userIdentity('')) ? 'a person who is gone' : by)
  const { confirmedTraffic, undo, abort } = spec.control
  const phase = status.phase ?? 'Pending'
  return {
    project: (metadata.namespace ?? '').replace(/^pj-/, ''),
    name: metadata.name,
    application: spec.application,
    author: nameOf(spec.author),
    createdAt: metadata.creationTimestamp ?? '',
    phase,
    ended: endedMovePhases.includes(phase),
    since: status.since,
    waitingFor: status.waitingFor,
    waitingSince: status.waitingSince,
    message: status.message,
    pairs: status.pairs ?? [],
    steps: status.steps ?? [],
    gap: status.gap,
    undoGap: status.undoGap,
    confirmedTraffic: confirmedTraffic && { ...confirmedTraffic, by: nameOf(confirmedTraffic.by) },
    undo: undo && { ...undo, by: nameOf(undo.by) },
    abort: abort && { ...abort, by: nameOf(abort.by) },
    endedAt: status.endedAt,
  }
}
