import { askJson, postJson, takeCode, textOf } from './authorization-code.ts'
import { type ConnectorParts, type RedirectConnector, refused, secretOf, settingsOf } from './connector.ts'
import { isRecord, readField, readPerson } from './read-person.ts'

/** Where DingTalk is; others in tests. */
export const dingTalkHosts = {
  login: 'https://login.dingtalk.com',
  api: 'https://api.dingtalk.com',
  old: 'https://oapi.dingtalk.com',
}

/**
 * DingTalk, by its QR code: https://open.dingtalk.com/document/orgapp/tutorial-obtaining-user-personal-information
 * (sign-in), https://open.dingtalk.com/document/orgapp/query-a-user-by-the-union-id (is the person one of the
 * organisation), https://open.dingtalk.com/document/orgapp/query-user-details (name, departments).
 * Groups are the ids of departments.
 */
export function dingTalkConnector(parts: ConnectorParts, hosts = dingTalkHosts): RedirectConnector {
  const { provider, fetch } = parts
  const { name } = provider.metadata
  const { clientId, corpId } = settingsOf(provider, provider.spec.dingtalk)

  /** The application's own token: it sees the organisation's people. */
  async function applicationToken(): Promise<string> {
    const answer = await askJson(
      name,
      fetch,
      `${hosts.api}/v1.0/oauth2/accessToken`,
      postJson({ appKey: clientId, appSecret: secretOf(parts) }),
    )
    return textOf(name, answer['accessToken'], 'access token')
  }

  async function old(path: string, token: string, body: object): Promise<Record<string, unknown>> {
    const url = new URL(path, hosts.old)
    url.searchParams.set('access_token', token)
    const answer = await askJson(name, fetch, url, postJson(body))
    const { errcode, result } = answer
    if (errcode === 0 && isRecord(result)) return result
    // 60121: no such person in the organisation
    throw refused(name, errcode === 60121 ? 'the person is not of the organisation' : `error ${Number(errcode)}`)
  }

  return {
    form: 'redirect',
    begin: (flow, redirectUri) => {
      const url = new URL('/oauth2/auth', hosts.login)
      url.search = new URLSearchParams({
        response_type: 'code',
        client_id: clientId,
        redirect_uri: redirectUri,
        scope: corpId === undefined ? 'openid' : 'openid corpid',
        state: flow.state,
        prompt: 'consent',
        ...(corpId === undefined ? {} : { corpId }),
      }).toString()
      return Promise.resolve(url)
    },
    finish: async (flow, callback) => {
      const code = takeCode(name, flow, callback, callback.searchParams.has('authCode') ? 'authCode' : 'code')
      const own = await askJson(
        name,
        fetch,
        `${hosts.api}/v1.0/oauth2/userAccessToken`,
        postJson({ clientId, clientSecret: secretOf(parts), code, grantType: 'authorization_code' }),
      )
      const me = await askJson(name, fetch, `${hosts.api}/v1.0/contact/users/me`, {
        headers: { 'x-acs-dingtalk-access-token': textOf(name, own['accessToken'], 'access token') },
      })
      const unionId = textOf(name, me['unionId'], 'unionId')
      // anybody in the world has a DingTalk account; whoever is of this organisation is known to its application
      const application = await applicationToken()
      const member = await old('/topapi/user/getbyunionid', application, { unionid: unionId })
      if (member['contact_type'] !== 0) throw refused(name, 'the person is not of the organisation')
      const userid = textOf(name, member['userid'], 'userid')
      const details = await old('/topapi/v2/user/get', application, { userid })
      return readPerson(name, {
        subject: unionId,
        name: details['name'] ?? me['nick'],
        email: details['org_email'] ?? details['email'] ?? readField(me, 'email'),
        groups: details['dept_id_list'],
      })
    },
    probe: async () => void (await applicationToken()),
  }
}
