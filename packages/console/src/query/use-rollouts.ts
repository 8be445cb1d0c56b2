import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { RouteBody, RouteQuery } from '@flotilla/api'
import { api } from './api.ts'
import { keys } from './keys.ts'

const mostPlans = 500
const logAgainMs = 3000

/** One run; undefined asks for none. */
export const useRollout = (project: string, rollout: string | undefined) =>
  useQuery({
    queryKey: keys.rollout(project, rollout ?? ''),
    queryFn: ({ signal }) => api.rollouts.get({ params: { project, rollout: rollout ?? '' }, signal }),
    enabled: rollout !== undefined,
  })

export const usePlans = (project: string) =>
  useQuery({
    queryKey: keys.plans(project),
    queryFn: async ({ signal }) =>
      (await api.plans.list({ query: { project: [project], limit: mostPlans }, signal })).items,
    staleTime: 30_000,
  })

type CheckBody = NonNullable<RouteBody<'plans.check'>> & { readonly release: string }

/** What starting a release by a plan would say, for all of its targets or those that are named. An empty plan asks nothing. */
export const usePlanCheck = (project: string, plan: string, body: CheckBody) =>
  useQuery({
    queryKey: keys.ofRelease(project, body.release, 'plan-check', [plan, body.targets ?? 'all']),
    queryFn: ({ signal }) => api.plans.check({ params: { project, plan }, body, signal }),
    enabled: plan !== '',
    // windows open and people come and go: what it says holds for this look only
    staleTime: 0,
    gcTime: 0,
    // ticking a target moves nothing under the pointer; it cannot be started before the answer for it is there
    placeholderData: keepPreviousData,
  })

type LogQuery = NonNullable<RouteQuery<'rollouts.log'>>

/** What a step printed; read on while it runs. */
export const useStepLog = (project: string, rollout: string, step: LogQuery) =>
  useQuery({
    queryKey: keys.stepLog(project, rollout, step),
    queryFn: ({ signal }) => api.rollouts.log({ params: { project, rollout }, query: step, signal }),
    staleTime: 0,
    refetchInterval: ({ state }) => (state.data?.running === true ? logAgainMs : false),
  })
