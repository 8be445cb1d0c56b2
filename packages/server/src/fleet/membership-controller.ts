import { type Controller, writeStatus } from '@flotilla/engine'
import { known, settled } from '@flotilla/model'
import { reconcileMembership } from '@flotilla/reconcile'
import { findRole } from '../access/find-role.ts'
import { type FleetDeps, nowOf, splitKey } from './controller-deps.ts'

/** Binds each Membership to the person that it names. */
export function createMembershipController(deps: Pick<FleetDeps, 'host' | 'state' | 'clock'>): Controller {
  const { host, state, clock } = deps
  return {
    name: 'membership',
    concurrency: 4,
    work: async (key, signal) => {
      const { namespace, name } = splitKey(key)
      const object = state.memberships.get(namespace, name)
      if (object === undefined || object.metadata.deletionTimestamp !== undefined) return settled
      const { status, next } = reconcileMembership({
        object,
        observed: {
          subject: known(
            object.spec.group === undefined
              ? state.users.get('', object.spec.user ?? '')
              : state.identityProviders.get('', object.spec.group.provider),
          ),
          roleKnown: findRole(state, namespace, object.spec.role) !== undefined,
        },
        now: nowOf(clock),
      })
      await writeStatus(host, object, status, { signal })
      return next
    },
  }
}
