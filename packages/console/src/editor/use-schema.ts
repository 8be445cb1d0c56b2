import { useQuery } from '@tanstack/react-query'
import { api } from '../query/api.ts'
import { keys } from '../query/keys.ts'
import type { JsonSchema } from './json-schema.ts'

/** The schema of a kind, from the server; undefined until it is there, and then faults are found by the server only. */
export function useSchema(kind: string): JsonSchema | undefined {
  const { data } = useQuery({
    queryKey: keys.schema(kind),
    queryFn: async ({ signal }) => (await api.schemas.get({ params: { kind }, signal })) as JsonSchema,
    staleTime: Number.POSITIVE_INFINITY,
  })
  return data
}
