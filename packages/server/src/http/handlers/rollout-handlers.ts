import type { PlanRow, RolloutDetail, RolloutRow } from '@flotilla/api'
import type { Contract } from '@flotilla/api/contract'
import {
  apiVersion,
  FlotillaError,
  group,
  parseInput,
  projectNamespace,
  Rollout,
  type Rollout as RolloutObject,
  RolloutSpec,
} from '@flotilla/model'
import type { z } from 'zod'
import type { Caller, Services, SomeHandlers } from '../handler.ts'
import { compareText, pageOf } from '../page-of.ts'
import { createUnderFirstName, numberedNames } from '../releases/create-numbered.ts'
import { planRow } from '../releases/plan-view.ts'
import { rolloutDetail } from '../releases/rollout-view.ts'
import { notFound } from './fleet-handlers.ts'
import type { RolloutControlRoute } from './rollout-control-handlers.ts'

interface Named {
  readonly project: string
  readonly rollout: string
}

export function rolloutHandlers(
  services: Services,
): Omit<SomeHandlers<'rollouts'>, RolloutControlRoute> &
  SomeHandlers<'plans'> &
  Pick<SomeHandlers<'applications'>, 'applications.liftHold'> {
  const { deps, visibility, releases } = services
  const { state } = deps

  const rolloutOf = ({ project, rollout: name }: Named): RolloutObject => {
    const rollout = state.rollouts.get(projectNamespace(project), name)
    if (rollout === undefined) throw notFound('rollout', name)
    return rollout
  }
  /** Refuses at once what the engine would refuse, and writes it as the person. */
  const start = async (
    project: string,
    spec: RolloutSpec,
    names: readonly string[],
    caller: Caller,
    signal: AbortSignal,
  ): Promise<RolloutDetail> => {
    const namespace = projectNamespace(project)
    const checked = await deps.releases.checkStart({ namespace, spec })
    const refusal = checked.findings.find(({ severity }) => severity === 'Error')
    if (refusal !== undefined)
      throw new FlotillaError('request.conflict', { message: refusal.message, field: refusal.field })
    const object = { apiVersion, kind: 'Rollout', metadata: { name: '', namespace }, spec }
    const created = parseInput(Rollout, await createUnderFirstName(caller.host, object, names, signal))
    const detail = rolloutDetail({
      state,
      rollout: created,
      document: undefined,
      approvals: [],
      sights: [],
      weighing: { rules: [], digest: undefined, authors: [] },
      now: '',
    })
    // the engine says it of the run in a moment: whoever starts it is to read it now
    return checked.findings.length === 0 ? detail : { ...detail, findings: checked.findings }
  }

  return {
    'plans.list': async ({ query, caller, exchange }) => {
      const those = state.plans
        .list()
        .map((plan): PlanRow => planRow(plan))
        .filter(({ project }) => query.project?.includes(project) !== false)
      const namespaces = those.map(({ project }) => projectNamespace(project))
      const seen = await visibility.among(caller.identity, 'plans', namespaces, exchange.signal)
      return pageOf(
        those.filter(({ project }) => seen.has(projectNamespace(project))),
        {
          key: ({ project, name }) => `${project}/${name}`,
          compare: (a, b) => compareText(a.project, b.project) || compareText(a.name, b.name),
          limit: query.limit,
          continue: query.continue,
        },
      )
    },
    'plans.check': async ({ params, body, caller }) => {
      const namespace = projectNamespace(params.project)
      if (state.plans.get(namespace, params.plan) === undefined) throw notFound('plan', params.plan)
      const { release } = body
      const found = state.releases.get(namespace, release)
      if (found === undefined) throw notFound('release', release)
      const spec = parseInput(RolloutSpec, {
        application: found.spec.application,
        release,
        plan: params.plan,
        author: caller.identity.user,
        ...(body.targets === undefined ? {} : { targets: body.targets }),
      })
      return deps.releases.checkStart({ namespace, spec })
    },
    'rollouts.list': async ({ query, caller, exchange }) => {
      const rows = releases.rolloutRows().filter((row) => matches(row, query))
      const namespaces = rows.map(({ project }) => projectNamespace(project))
      const seen = await visibility.among(caller.identity, 'rollouts', namespaces, exchange.signal)
      return pageOf(
        rows.filter(({ project }) => seen.has(projectNamespace(project))),
        {
          key: ({ project, name }) => `${project}/${name}`,
          compare: (a, b) => compareText(b.createdAt, a.createdAt),
          limit: query.limit,
          continue: query.continue,
        },
      )
    },
    'rollouts.get': async ({ params }) => {
      rolloutOf(params)
      const detail = await releases.readRolloutDetail(`${params.project}/${params.rollout}`)
      if (detail === undefined) throw notFound('rollout', params.rollout)
      return detail
    },
    'rollouts.start': async ({ params, body, caller, exchange }) => {
      const namespace = projectNamespace(params.project)
      const release = state.releases.get(namespace, body.release)
      if (release === undefined) throw notFound('release', body.release)
      if (state.plans.get(namespace, body.plan) === undefined) throw notFound('plan', body.plan)
      const digest = release.status?.frozen?.digest
      if (digest === undefined)
        throw new FlotillaError('request.conflict', {
          message: `Release ${body.release} is not frozen: nobody has seen what it would change`,
          remedy: `Freeze it first: flotilla release freeze ${body.release}`,
        })
      if (body.digest !== undefined && body.digest !== digest)
        throw new FlotillaError('request.conflict', {
          message: `Release ${body.release} is not what was looked at`,
          field: 'digest',
          remedy: 'Look at its difference again',
        })
      const spec = parseInput(RolloutSpec, {
        application: release.spec.application,
        release: body.release,
        plan: body.plan,
        author: caller.identity.user,
        ...(body.targets === undefined ? {} : { targets: body.targets }),
        ...(body.reason === undefined ? {} : { reason: body.reason }),
      })
      const names =
        body.name === undefined ? numberedNames(releases.rolloutRows(), params.project, body.release) : [body.name]
      return start(params.project, spec, names, caller, exchange.signal)
    },
    'rollouts.rollback': async ({ params, body, caller, exchange }) => {
      const of = rolloutOf(params)
      if (of.spec.rollback !== undefined)
        throw new FlotillaError('request.conflict', {
          message: `${params.rollout} is a rollback itself`,
          remedy: `To go forward again lift the hold and start the release ${of.spec.release} anew`,
        })
      if (of.status?.snapshot === undefined)
        throw new FlotillaError('request.conflict', {
          message: `${params.rollout} has not begun: there is nothing to take back`,
          remedy: `Abort it: flotilla rollout abort ${params.rollout} --reason ...`,
        })
      const spec = parseInput(RolloutSpec, {
        application: of.spec.application,
        release: of.spec.release,
        plan: of.spec.plan,
        author: caller.identity.user,
        reason: body.reason,
        ...(body.targets === undefined ? {} : { targets: body.targets }),
        rollback: {
          of: params.rollout,
          ...(body.stages === undefined ? {} : { stages: body.stages }),
          ...(body.force ? { force: { reason: body.reason } } : {}),
        },
      })
      const names =
        body.name === undefined
          ? numberedNames(releases.rolloutRows(), params.project, `${params.rollout.slice(0, 50)}-back`)
          : [body.name]
      return start(params.project, spec, names, caller, exchange.signal)
    },
    'rollouts.log': async ({ params, query }) => {
      const rollout = rolloutOf(params)
      const { stage, step, hook, cluster, namespace, attempt } = query
      const target = cluster === undefined ? undefined : { cluster, namespace: namespace ?? params.project }
      if (hook !== undefined && target !== undefined && step === undefined) {
        const log = await deps.releases.hookLog({ rollout, target, hook, attempt })
        if (log === undefined) throw notFound('log of hook', hook)
        return log
      }
      if (hook !== undefined || stage === undefined || step === undefined)
        throw new FlotillaError('input.invalid', {
          message: 'A log is of a step, by stage and step, or of a hook, by hook and cluster',
          field: hook === undefined ? 'step' : 'hook',
        })
      const found = await deps.releases.stepLog({
        rollout,
        ref: { stage, step, ...(target === undefined ? {} : { target }) },
        attempt,
      })
      if (found === undefined) throw notFound('log of step', step)
      return found
    },
    'applications.liftHold': async ({ params, caller, exchange }) => {
      const namespace = projectNamespace(params.project)
      const application = state.applications.get(namespace, params.application)
      if (application === undefined) throw notFound('application', params.application)
      const named = { project: params.project, application: params.application }
      if (application.spec.hold === undefined)
        return { ...named, generation: application.metadata.generation, changed: false }
      const after = await caller.host.patch(
        { group, kind: 'Application', namespace, name: params.application },
        { type: 'merge', body: { spec: { hold: null } } },
        // no edit: who lifts a hold is no author of what comes next, and whoever was stays it
        { fieldManager: 'hold-lift', signal: exchange.signal },
      )
      return { ...named, generation: after.metadata.generation, changed: true }
    },
  }
}

type RolloutQuery = z.output<Contract['rollouts.list']['query']>

function matches(row: RolloutRow, query: RolloutQuery): boolean {
  if (query.project !== undefined && !query.project.includes(row.project)) return false
  if (query.application !== undefined && !query.application.includes(row.application)) return false
  if (query.release !== undefined && !query.release.includes(row.release)) return false
  if (query.phase !== undefined && !query.phase.includes(row.phase)) return false
  return query.running === undefined || query.running === (row.endedAt === undefined)
}
