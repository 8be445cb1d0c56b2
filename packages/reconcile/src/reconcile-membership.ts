import { type IdentityProvider, known, type Known, type Membership, settled, stalled, type User } from '@flotilla/model'
import type { Decision } from './decision.ts'
import { computeReady, observedGeneration } from './ownership/ready.ts'

export interface MembershipObserved {
  /** Whom it names: the person, or the provider of the group; `value` undefined when there is none. */
  readonly subject: Known<User | IdentityProvider | undefined>
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
  const { subject, roleKnown } = observed
  const { user, group, role } = object.spec
  const bound = group === undefined ? object.status?.userUid : object.status?.providerUid
  const say = (ready: Parameters<typeof computeReady>[1], uid: string | undefined): MembershipStatus => ({
    ...observedGeneration(object),
    conditions: computeReady(object, ready, now),
    ...(uid === undefined ? {} : group === undefined ? { userUid: uid } : { providerUid: uid }),
  })
  const stop = (reason: string, message: string): Decision<MembershipStatus> => ({
    objects: known([]),
    effects: [],
    status: say({ status: 'False', reason, message }, bound),
    next: stalled(message),
  })
  if (!subject.known) {
    const status = say({ status: 'Unknown', reason: 'NotSeen', message: subject.reason }, bound)
    return { objects: known([]), effects: [], status, next: stalled(subject.reason) }
  }
  if (!roleKnown) return stop('UnknownRole', `There is no role ${role} here; it gives nothing`)
  const uid = subject.value?.metadata.uid
  if (uid === undefined)
    return group === undefined
      ? stop('NoUser', `There is no user ${user}`)
      : stop('NoProvider', `There is no identity provider ${group.provider}`)
  if (bound !== undefined && bound !== uid)
    return group === undefined
      ? stop(
          'OtherUser',
          `It was given to another person who was called ${user}; delete it and make a new one to give it to this one`,
        )
      : stop(
          'OtherProvider',
          `It was given to a group of another identity provider that was called ${group.provider}; delete it and make a new one`,
        )
  const whom = group === undefined ? user : `group ${group.name} of ${group.provider}`
  const status = say({ status: 'True', reason: 'Given', message: `${whom} is ${role} here` }, uid)
  return { objects: known([]), effects: [], status, next: settled }
}
