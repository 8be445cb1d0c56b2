import type { KubeObjectShape } from '@flotilla/api'
import { useQuery } from '@tanstack/react-query'
import { api } from './api.ts'
import { keys } from './keys.ts'
import { queryClient } from './query-client.ts'

export const providerTypes = ['oidc', 'oauth2', 'ldap', 'dingtalk', 'feishu', 'wecom'] as const
export type ProviderType = (typeof providerTypes)[number]

export interface ProviderRow {
  readonly name: string
  readonly type: ProviderType
  readonly displayName: string | undefined
  readonly state: 'ready' | 'failed' | 'unknown' | 'disabled'
  readonly why: string | undefined
  readonly spec: Readonly<Record<string, unknown>>
}

export const useProviders = () =>
  useQuery({
    queryKey: keys.providers,
    queryFn: async ({ signal }) => {
      const { items } = await api.kinds.list({ params: { kind: 'IdentityProvider' }, query: {}, signal })
      return items.map(rowOf).sort((a, b) => a.name.localeCompare(b.name))
    },
    staleTime: 5000,
    refetchOnWindowFocus: true,
  })

export const refreshProviders = (): Promise<void> => queryClient.invalidateQueries({ queryKey: keys.providers })

interface Status {
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message: string }[]
}

function rowOf(object: KubeObjectShape): ProviderRow {
  const spec: Record<string, unknown> = Object.assign({}, object['spec'])
  const status: Status = Object.assign({}, object['status'])
  const ready = status.conditions?.find(({ type }) => type === 'Ready')
  const answered = ready?.status === 'True' ? 'ready' : ready?.status === 'False' ? 'failed' : 'unknown'
  const { displayName } = spec
  return {
    name: object.metadata.name,
    type: providerTypes.find((type) => type === spec['type']) ?? 'oidc',
    displayName: typeof displayName === 'string' ? displayName : undefined,
    state: spec['disabled'] === true ? 'disabled' : answered,
    why: ready?.message,
    spec,
  }
}
