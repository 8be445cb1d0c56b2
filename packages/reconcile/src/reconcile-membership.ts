import { known, type Known, type Membership, settled, stalled, type User } from '@flotilla/model'
import type { Decision } from './decision.ts'
import { computeReady, observedGeneration } from './ownership/ready.ts'

export interface MembershipObserved {
  /** The person of that name; `value` undefined when there is none. */
  readonly user: Known<User | undefined>
  /** The role may be given in this namespace. */
  readonly roleKnown: boolean
}

export type MembershipStatus = NonNullable<Membership['status']>

/**
 * Binds a membership to the person who has the name when it is first seen: it is theirs for good, and whoever gets the
 * same name later gets nothing by it.
 */
export function reconcileMembership({
  object,
  observed,
  now,
}: {
  readonly object: Membership
  readonly observed: MembershipObserved
  /** RFC 3339, UTC. */
  readonly now: string
}): Decision<MembershipStatus> {
  const { user, roleKnown } = observed
  const bound = object.status?.userUid
  const say = (ready: Parameters<typeof computeReady>[1], userUid: string | undefined): MembershipStatus => ({
    ...observedGeneration(object),
    conditions: computeReady(object, ready, now),
    ...(userUid === undefined ? {} : { userUid }),
  })
  const stop = (reason: string, message: string): Decision<MembershipStatus> => ({
    objects: known([]),
    effects: [],
    status: say({ status: 'False', reason, message }, bound),
    next: stalled(message),
  })
  if (!user.known) {
    const status = say({ status: 'Unknown', reason: 'NotSeen', message: user.reason }, bound)
    return { objects: known([]), effects: [], status, next: stalled(user.reason) }
  }
  if (!roleKnown) return stop('UnknownRole', `There is no role ${object.spec.role} here; it gives nothing`)
  const uid = user.value?.metadata.uid
  if (uid === undefined) return stop('NoUser', `There is no user ${object.spec.user}`)
  if (bound !== undefined && bound !== uid) {
    const message = `It was given to another person who was called ${object.spec.user}; delete it and make a new one to give it to this one`
    return stop('OtherUser', message)
  }
  const status = say(
    { status: 'True', reason: 'Given', message: `${object.spec.user} is ${object.spec.role} here` },
    uid,
  )
  return { objects: known([]), effects: [], status, next: settled }
}
