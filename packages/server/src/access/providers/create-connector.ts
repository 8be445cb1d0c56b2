import { createGuardedFetch, type AddressGuard } from '@flotilla/render'
import type { IdentityProvider } from '@flotilla/model'
import type { Connector, ConnectorParts } from './connector.ts'

export interface CreateConnectorOptions {
  readonly provider: IdentityProvider
  readonly secret: string | undefined
  readonly guard: AddressGuard
  /** Hosts that may be spoken to over plain HTTP. */
  readonly insecureHosts: readonly string[]
}

/** Loads only what the type needs. */
export async function createConnector({
  provider,
  secret,
  guard,
  insecureHosts,
}: CreateConnectorOptions): Promise<Connector> {
  const { type, ca } = provider.spec
  const fetch = createGuardedFetch({ guard, insecureHosts, ca, field: `spec.${type}` })
  const parts: ConnectorParts = { provider, secret, fetch, guard }
  switch (type) {
    case 'oidc':
      return (await import('./oidc.ts')).oidcConnector(parts)
    case 'oauth2':
      return (await import('./oauth2.ts')).oauth2Connector(parts)
    case 'ldap':
      return (await import('./ldap.ts')).ldapConnector(parts)
    case 'dingtalk':
      return (await import('./dingtalk.ts')).dingTalkConnector(parts)
    case 'feishu':
      return (await import('./feishu.ts')).feishuConnector(parts)
    case 'wecom':
      return (await import('./wecom.ts')).wecomConnector(parts)
    default:
      return type satisfies never
  }
}
