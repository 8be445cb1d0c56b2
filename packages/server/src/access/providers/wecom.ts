import { askJson, takeCode, textOf } from './authorization-code.ts'
import { type ConnectorParts, type RedirectConnector, refused, secretOf, settingsOf } from './connector.ts'
import { readPerson } from './read-person.ts'

/** Where WeCom is; others in tests. */
export const wecomHosts = { login: 'https://login.work.weixin.qq.com', api: 'https://qyapi.weixin.qq.com' }

/**
 * WeCom, by its QR code: https://developer.work.weixin.qq.com/document/path/98152 (the page),
 * https://developer.work.weixin.qq.com/document/path/91039 (the application's token),
 * https://developer.work.weixin.qq.com/document/path/98176 (who it is), https://developer.work.weixin.qq.com/document/path/90196
 * (name, departments). It knows no PKCE. Groups are the ids of departments.
 */
export function wecomConnector(parts: ConnectorParts, hosts = wecomHosts): RedirectConnector {
  const { provider, fetch } = parts
  const { name } = provider.metadata
  const { corpId, agentId } = settingsOf(provider, provider.spec.wecom)

  /** `errcode` is 0 when it went well. */
  async function ask(path: string, query: Record<string, string>): Promise<Record<string, unknown>> {
    const url = new URL(path, hosts.api)
    url.search = new URLSearchParams(query).toString()
    const answer = await askJson(name, fetch, url)
    if (answer['errcode'] !== 0) throw refused(name, `error ${Number(answer['errcode'])}`)
    return answer
  }
  async function applicationToken(): Promise<string> {
    const answer = await ask('/cgi-bin/gettoken', { corpid: corpId, corpsecret: secretOf(parts) })
    return textOf(name, answer['access_token'], 'access token')
  }

  return {
    form: 'redirect',
    begin: (flow, redirectUri) => {
      const url = new URL('/wwlogin/sso/login', hosts.login)
      url.search = new URLSearchParams({
        login_type: 'CorpApp',
        appid: corpId,
        agentid: agentId,
        redirect_uri: redirectUri,
        state: flow.state,
      }).toString()
      return Promise.resolve(url)
    },
    finish: async (flow, callback) => {
      const code = takeCode(name, flow, callback)
      const token = await applicationToken()
      const who = await ask('/cgi-bin/auth/getuserinfo', { access_token: token, code })
      // somebody of another organisation has an openid and no userid
      if (who['userid'] === undefined) throw refused(name, 'the person is not of the organisation')
      const userid = textOf(name, who['userid'], 'userid')
      const details = await ask('/cgi-bin/user/get', { access_token: token, userid })
      return readPerson(name, {
        subject: userid,
        name: details['name'],
        email: details['biz_mail'] ?? details['email'],
        groups: details['department'],
      })
    },
    probe: async () => void (await applicationToken()),
  }
}
