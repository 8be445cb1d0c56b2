import { z } from 'zod'
import { defineRoute } from '../route.ts'
import { Accepted } from '../shapes/application.ts'
import {
  Because,
  CheckPlan,
  PauseBody,
  PlanCheck,
  PlanRow,
  ResolveBody,
  RetryBody,
  RollBack,
  RolloutAccepted,
  RolloutDetail,
  RolloutQuery,
  RolloutRow,
  SkipBody,
  StartRollout,
  StepLog,
} from '../shapes/rollout.ts'
import { page, several, whole } from '../shapes/wire.ts'
import { ApplicationParams, PlanParams, ProjectParams, RolloutParams } from './params.ts'
import { filtered, needs } from './rights.ts'

const control = {
  params: RolloutParams,
  query: undefined,
  result: RolloutAccepted,
  errors: ['request.not_found', 'request.conflict'],
  rights: needs('patch', 'rollouts', 'project'),
  status: 202,
} as const

export const rolloutRoutes = [
  defineRoute('plans.list', {
    summary: 'Plans that I may see',
    params: undefined,
    query: z.object({
      project: several().optional(),
      limit: whole(1, 500).default(100),
      continue: z.string().max(512).optional(),
    }),
    body: undefined,
    result: page(PlanRow),
    errors: [],
    rights: filtered('plans', 'project'),
  }),
  defineRoute('plans.check', {
    audited: 'never',
    summary: 'What starting a release with this plan would say; nothing is written',
    params: PlanParams,
    query: undefined,
    body: CheckPlan,
    result: PlanCheck,
    errors: ['request.not_found', 'input.invalid'],
    rights: needs('get', 'plans', 'project'),
  }),
  defineRoute('rollouts.list', {
    summary: 'Rollouts that I may see, newest first',
    params: undefined,
    query: RolloutQuery,
    body: undefined,
    result: page(RolloutRow),
    errors: [],
    rights: filtered('rollouts', 'project'),
  }),
  defineRoute('rollouts.get', {
    summary: 'One rollout: stages, targets, steps with their evidence, what it waits for',
    params: RolloutParams,
    query: undefined,
    body: undefined,
    result: RolloutDetail,
    errors: ['request.not_found'],
    rights: needs('get', 'rollouts', 'project'),
  }),
  defineRoute('rollouts.start', {
    audited: 'before',
    summary: 'Send a frozen release out by a plan; an impossible plan is refused at once',
    params: ProjectParams,
    query: undefined,
    body: StartRollout,
    result: RolloutDetail,
    errors: ['request.not_found', 'request.conflict', 'input.invalid'],
    rights: needs('create', 'rollouts', 'project'),
    status: 201,
  }),
  defineRoute('rollouts.pause', { ...control, summary: 'Begin nothing new until it is resumed', body: PauseBody }),
  defineRoute('rollouts.resume', {
    ...control,
    summary: 'Go on: after a pause of a person, or past what made it pause by itself',
    body: z.object({}).optional(),
  }),
  defineRoute('rollouts.abort', { ...control, summary: 'Let end what runs and begin nothing more', body: Because }),
  defineRoute('rollouts.retry', {
    ...control,
    summary: 'Try failed targets, or failed steps of a stage, again',
    body: RetryBody,
  }),
  defineRoute('rollouts.skip', {
    ...control,
    summary: 'Go on without a target or a step, with the reason',
    body: SkipBody,
  }),
  defineRoute('rollouts.resolve', {
    ...control,
    audited: 'before',
    summary: 'Say how a step ended that nobody could tell',
    body: ResolveBody,
  }),
  defineRoute('rollouts.rollback', {
    audited: 'before',
    summary:
      'Take targets, stages or the whole back to what they had, as a new rollout; nothing is promoted over it until the hold is lifted',
    params: RolloutParams,
    query: undefined,
    body: RollBack,
    result: RolloutDetail,
    errors: ['request.not_found', 'request.conflict', 'input.invalid'],
    rights: needs('create', 'rollouts', 'project'),
    status: 201,
  }),
  defineRoute('rollouts.log', {
    summary: 'What a step of it printed',
    params: RolloutParams,
    query: z.object({
      stage: z.string().max(40),
      step: z.string().max(40),
      cluster: z.string().max(63).optional(),
      namespace: z.string().max(63).optional(),
      attempt: whole(1, 1000).optional(),
    }),
    body: undefined,
    result: StepLog,
    errors: ['request.not_found'],
    rights: needs('get', 'rollouts', 'project'),
  }),
  defineRoute('applications.liftHold', {
    summary: 'Let releases go out again after a rollback',
    params: ApplicationParams,
    query: undefined,
    body: z.object({}).optional(),
    result: Accepted,
    errors: ['request.not_found'],
    rights: needs('patch', 'applications', 'project'),
    status: 202,
  }),
]
