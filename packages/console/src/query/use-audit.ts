import { keepPreviousData, useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { type AuditSearch, spans } from '../audit/audit-query.ts'
import { api } from './api.ts'
import { keys } from './keys.ts'
import { queryClient } from './query-client.ts'

const pageSize = 100

/** What was done, newest first, page by page. */
export const useAuditList = (search: AuditSearch) =>
  useInfiniteQuery({
    queryKey: keys.audit(search),
    queryFn: ({ pageParam, signal }) => {
      const { span, filter } = search
      const since = span === undefined ? {} : { since: new Date(Date.now() - spans[span]).toISOString() }
      return api.audit.list({
        query: { ...filter, ...since, limit: pageSize, ...(pageParam === '' ? {} : { continue: pageParam }) },
        signal,
      })
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.continue,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: true,
  })

/** One record by its number; undefined when it is not there, or not for the reader. */
export const useAuditRecord = (sequence: number) =>
  useQuery({
    queryKey: keys.auditRecord(sequence),
    queryFn: async ({ signal }) => {
      const result = ['begun', 'allowed', 'denied', 'failed'] as const
      const query = { limit: 1, continue: String(sequence + 1), result: [...result] }
      const { items } = await api.audit.list({ query, signal })
      return items.find((item) => item.sequence === sequence) ?? null
    },
    // a record never changes
    staleTime: Infinity,
  })

export const useVerification = (enabled: boolean) =>
  useQuery({
    queryKey: keys.auditVerification,
    queryFn: async ({ signal }) => (await api.audit.verification({ signal })).last ?? null,
    enabled,
  })

export const useVerify = () =>
  useMutation({
    mutationFn: () => api.audit.verify({ body: {} }),
    onSuccess: (done) => queryClient.setQueryData(keys.auditVerification, done),
  })
