import { useQuery } from '@tanstack/react-query'
import type { RouteQuery } from '@flotilla/api'
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

/** What starting a release by a plan would say. An empty plan asks nothing. */
export const usePlanCheck = (project: string, plan: string, release: string) =>
  useQuery({
    queryKey: keys.ofRelease(project, release, 'plan-check', plan),
    queryFn: ({ signal }) => api.plans.check({ params: { project, plan }, body: { release }, signal }),
    enabled: plan !== '',
    // windows open and people come and go: what it says holds for this look only
    staleTime: 0,
    gcTime: 0,
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
