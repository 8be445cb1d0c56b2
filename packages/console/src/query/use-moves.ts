import { useQuery } from '@tanstack/react-query'
import { api } from './api.ts'
import { keys } from './keys.ts'

const mostMoves = 50

/** Moves of an application, newest first. */
export const useMoves = (project: string, application: string) =>
  useQuery({
    queryKey: keys.moves(project, application),
    queryFn: ({ signal }) => api.moves.list({ params: { project }, query: { application, limit: mostMoves }, signal }),
  })
