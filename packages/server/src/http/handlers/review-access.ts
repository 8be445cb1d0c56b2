import type { RouteResult } from '@flotilla/api'
import type { Contract } from '@flotilla/api/contract'
import { FlotillaError, group, systemNamespace } from '@flotilla/model'
import type { z } from 'zod'
import { type Authorizer, createAuthorizer } from '../../access/authorizer.ts'
import { limitConcurrency } from '../../access/limit-concurrency.ts'
import type { People, Person } from '../../access/people.ts'
import type { Caller, Services } from '../handler.ts'
import { computeReach } from '../kubernetes/reach.ts'
import { findProject } from '../views/fleet-index.ts'
import { notFound } from './fleet-handlers.ts'

type Review = z.output<Contract['access.review']['body']>
type Reviewed = RouteResult<'access.review'>
interface Parts extends Pick<Services, 'deps' | 'authorizer'> {
  readonly people: People
}

const atOnce = 16

/** What somebody may do in a place, as the cluster's own authorizer says of them: asked as that person, with their groups there. */
export async function reviewAccess(
  { deps, authorizer, people }: Parts,
  review: Review,
  place: string,
  caller: Caller,
  signal: AbortSignal,
): Promise<Reviewed> {
  const everybody = { verb: 'list', group, resource: 'users', namespace: '' }
  // who does not see all people learns of them only where they give roles
  const isSelf = review.user === caller.person.name
  if (!isSelf && !(await authorizer.may(caller.identity, everybody, signal)))
    await authorizer.check(
      caller.identity,
      { verb: 'create', group, resource: 'memberships', namespace: place },
      signal,
    )
  const user = deps.state.users.get('', review.user)
  if (user === undefined) throw notFound('user', review.user)
  const person = people.byName(review.user)
  const nothing = (namespace: string): Reviewed => ({
    namespace,
    disabled: user.spec.disabled,
    answers: review.questions.map(() => false),
  })
  const ask = async (as: Person['identity'], by: Authorizer, namespace: string): Promise<Reviewed> => {
    const inTurn = limitConcurrency({ atOnce, waiting: review.questions.length })
    const answers = await Promise.all(
      review.questions.map((question) => inTurn(() => by.may(as, { ...question, namespace }, signal))),
    )
    return { namespace, disabled: false, answers }
  }
  if (review.cluster === undefined) {
    const namespace = place === systemNamespace ? '' : place
    return person === undefined ? nothing(namespace) : await ask(person.identity, authorizer, namespace)
  }
  const namespace = memberNamespace(deps.state, review, review.cluster)
  const reach = person === undefined ? undefined : computeReach(person, review.cluster, deps.state)
  if (reach === undefined) return nothing(namespace)
  const member = deps.fleet.client(review.cluster)
  if (!member.known)
    throw new FlotillaError('cluster.unreachable', {
      message: `${review.cluster} cannot be asked: ${member.reason}`,
      field: 'cluster',
      value: review.cluster,
    })
  return await ask(reach.identity, createAuthorizer({ client: member.value, clock: deps.clock }), namespace)
}

/** A namespace of the project in the cluster; without a project all of the cluster is meant. */
function memberNamespace(state: Services['deps']['state'], review: Review, cluster: string): string {
  const { project, namespace } = review
  if (project === undefined) {
    // a workspace has no namespaces of its own in a cluster
    if (review.workspace === undefined) return namespace ?? ''
    throw new FlotillaError('input.invalid', {
      message: 'In a cluster it is asked about a project',
      field: 'project',
      remedy: 'Name a project, or leave the cluster out',
    })
  }
  const targets = (findProject(state, project)?.status?.targets ?? []).filter((one) => one.cluster === cluster)
  const found = targets.find((one) => namespace === undefined || one.namespace === namespace)
  if (found === undefined) throw notFound('cluster', cluster)
  return found.namespace
}
