import type { RouteId } from '@flotilla/api'
import { projectNamespace } from '@flotilla/model'
import type { HostRight, MatrixAsk } from './matrix-asks.ts'

/** Asks of the routes of releases, rollouts, moves and history, about the project of a department. */
export function releaseAsks(project: string): Partial<Record<RouteId, readonly MatrixAsk[]>> {
  const namespace = projectNamespace(project)
  const may = (verb: string, resource: string, name?: string): HostRight => ({
    verb,
    resource,
    namespace,
    ...(name === undefined ? {} : { name }),
  })
  const nothing = 'nothing'
  const release = (verb: string): MatrixAsk => ({
    params: { project, release: nothing },
    anyOf: [may(verb, 'releases', nothing)],
    status: 404,
  })
  const rollout = (verb: string): MatrixAsk => ({
    params: { project, rollout: nothing },
    anyOf: [may(verb, 'rollouts', nothing)],
    status: 404,
  })
  const move = (verb: string): MatrixAsk => ({
    params: { project, move: nothing },
    anyOf: [may(verb, 'moves', nothing)],
    status: 404,
  })
  const steered = rollout('patch')
  return {
    'releases.list': [{}],
    'releases.create': [{ params: { project }, body: { application: 'web' }, anyOf: [may('create', 'releases')] }],
    'releases.get': [release('get')],
    'releases.difference': [release('get')],
    'releases.freeze': [{ ...release('patch'), body: {} }],
    'releases.reject': [{ ...release('patch'), body: { reason: 'tried' } }],
    'approvals.give': [
      {
        params: { project },
        body: { release: nothing, digest: 'none' },
        anyOf: [may('create', 'approvals')],
        status: 404,
      },
    ],
    'plans.list': [{}],
    'plans.check': [
      {
        params: { project, plan: nothing },
        body: { release: nothing },
        anyOf: [may('get', 'plans', nothing)],
        status: 404,
      },
    ],
    'rollouts.list': [{}],
    'rollouts.get': [rollout('get')],
    'rollouts.log': [{ ...rollout('get'), query: { stage: 'all', step: 'migrate' } }],
    'rollouts.start': [
      {
        params: { project },
        body: { release: nothing, plan: nothing },
        anyOf: [may('create', 'rollouts')],
        status: 404,
      },
    ],
    'rollouts.rollback': [{ ...steered, body: { reason: 'tried' }, anyOf: [may('create', 'rollouts')] }],
    'rollouts.pause': [{ ...steered, body: {} }],
    'rollouts.resume': [{ ...steered, body: {} }],
    'rollouts.abort': [{ ...steered, body: { reason: 'tried' } }],
    'rollouts.retry': [{ ...steered, body: {} }],
    'rollouts.skip': [{ ...steered, body: { cluster: 'east', reason: 'tried' } }],
    'rollouts.resolve': [{ ...steered, body: { stage: 'all', step: 'migrate', outcome: 'Failed', reason: 'tried' } }],
    'applications.resolveHook': [
      {
        params: { project, application: nothing },
        body: { outcome: 'Failed', reason: 'tried' },
        anyOf: [may('patch', 'applications', nothing)],
        status: 404,
      },
    ],
    'applications.liftHold': [
      { params: { project, application: 'web' }, body: {}, anyOf: [may('patch', 'applications', 'web')] },
    ],
    'moves.start': [
      {
        params: { project, application: nothing },
        body: { from: { clusters: ['nowhere'] }, to: { clusters: ['elsewhere'] } },
        anyOf: [may('create', 'moves')],
        status: 404,
      },
    ],
    'moves.list': [{ params: { project }, anyOf: [may('list', 'moves')] }],
    'moves.get': [move('get')],
    'moves.confirmTraffic': [{ ...move('patch'), body: {} }],
    'moves.undo': [{ ...move('patch'), body: {} }],
    'moves.abort': [{ ...move('patch'), body: {} }],
    'history.list': [{}],
    'history.where': [{ query: { image: 'nowhere/nothing' } }],
  }
}
