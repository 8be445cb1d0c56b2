import { askJson, challengeOf, postJson, takeCode, textOf } from './authorization-code.ts'
import { type ConnectorParts, type RedirectConnector, refused, secretOf, settingsOf } from './connector.ts'
import { readField, readPerson } from './read-person.ts'

/** Where Feishu is, and Lark outside China; others in tests. */
export const feishuHosts = {
  feishu: { accounts: 'https://accounts.feishu.cn', open: 'https://open.feishu.cn' },
  lark: { accounts: 'https://accounts.larksuite.com', open: 'https://open.larksuite.com' },
}

/**
 * Feishu, by its QR code: https://open.feishu.cn/document/common-capabilities/sso/api/obtain-oauth-code (the page),
 * https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/authentication-management/access-token/get-user-access-token,
 * https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/authen-v1/user_info/get.
 * Feishu itself lets in only people who may use the application. It says no groups but the organisation (tenant_key).
 */
export function feishuConnector(parts: ConnectorParts, all = feishuHosts): RedirectConnector {
  const { provider, fetch } = parts
  const { name } = provider.metadata
  const { appId, region } = settingsOf(provider, provider.spec.feishu)
  const hosts = all[region]

  /** `code` is 0 when it went well. */
  const ask = async (path: string, request: Parameters<typeof askJson>[3]): Promise<Record<string, unknown>> => {
    const answer = await askJson(name, fetch, new URL(path, hosts.open), request)
    if (answer['code'] !== 0) throw refused(name, `error ${Number(answer['code'])}`)
    return answer
  }

  return {
    form: 'redirect',
    begin: (flow, redirectUri) => {
      const url = new URL('/open-apis/authen/v1/authorize', hosts.accounts)
      url.search = new URLSearchParams({
        client_id: appId,
        response_type: 'code',
        redirect_uri: redirectUri,
        state: flow.state,
        code_challenge: challengeOf(flow.verifier),
        code_challenge_method: 'S256',
      }).toString()
      return Promise.resolve(url)
    },
    finish: async (flow, callback) => {
      const code = takeCode(name, flow, callback)
      const token = await ask(
        '/open-apis/authen/v2/oauth/token',
        postJson({
          grant_type: 'authorization_code',
          client_id: appId,
          client_secret: secretOf(parts),
          code,
          redirect_uri: new URL(callback.pathname, callback.origin).href,
          code_verifier: flow.verifier,
        }),
      )
      const access = textOf(name, token['access_token'], 'access token')
      const answer = await ask('/open-apis/authen/v1/user_info', { headers: { authorization: `Bearer ${access}` } })
      return readPerson(name, {
        subject: readField(answer, 'data.union_id'),
        name: readField(answer, 'data.name'),
        email: readField(answer, 'data.enterprise_email') ?? readField(answer, 'data.email'),
        groups: readField(answer, 'data.tenant_key'),
      })
    },
    probe: async () => {
      const secret = secretOf(parts)
      await ask('/open-apis/auth/v3/app_access_token/internal', postJson({ app_id: appId, app_secret: secret }))
    },
  }
}
