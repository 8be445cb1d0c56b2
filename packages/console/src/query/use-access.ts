import { useQuery } from '@tanstack/react-query'
import type { RouteBody } from '@flotilla/api'
import type { May } from '../actions/action.ts'
import { api } from './api.ts'
import { keys } from './keys.ts'

export type AccessQuestion = NonNullable<RouteBody<'access.check'>>['questions'][number]

/**
 * What I may do, in the order of the questions. While it is not known an action stays open: the server decides
 * anyway, and a button that wakes up late is worse than a refusal that says why.
 */
export function useAccess(questions: readonly AccessQuestion[]): readonly May[] {
  const { data } = useQuery({
    queryKey: keys.access(questions),
    queryFn: ({ signal }) => api.access.check({ body: { questions: [...questions] }, signal }),
    staleTime: 30_000,
  })
  return questions.map((question, index) => {
    const answer = data?.answers[index]
    if (answer === undefined || answer.allowed) return { allowed: true }
    return { allowed: false, why: answer.reason ?? `${question.verb} ${question.resource}` }
  })
}
