import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { asFlotillaError, type IdentityProvider } from '@flotilla/model'
import { createAddressGuard, createGuardedFetch } from '@flotilla/render'
import type { ConnectorParts, FlowSecrets, RedirectConnector } from '../access/providers/connector.ts'
import { dingTalkConnector } from '../access/providers/dingtalk.ts'
import { feishuConnector } from '../access/providers/feishu.ts'
import { oauth2Connector } from '../access/providers/oauth2.ts'
import { wecomConnector } from '../access/providers/wecom.ts'
import { callbackOf, identityProvider } from './testing/provider-fixture.ts'

interface Asked {
  readonly path: string
  readonly query: Record<string, string>
  readonly headers: IncomingMessage['headers']
  readonly body: string
}
/** Answered as it stands. */
class Raw {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}
type Answers = Record<string, (asked: Asked) => unknown>

const secret = 'application-secret'
const flow: FlowSecrets = { state: 'state-of-this-sign-in', nonce: 'n', verifier: 'v'.repeat(43) }
const challenge = createHash('sha256').update(flow.verifier).digest('base64url')
const json = ({ body }: Asked) => JSON.parse(body) as Record<string, unknown>

describe('sign-in over OAuth 2.0 (stand-ins that speak the documented protocol)', () => {
  let server: Server
  let origin = ''
  let answers: Answers = {}
  let asked: Asked[] = []
  before(async () => {
    server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', origin)
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        const one: Asked = {
          path: url.pathname,
          query: Object.fromEntries(url.searchParams),
          headers: request.headers,
          body: Buffer.concat(parts).toString(),
        }
        asked.push(one)
        const answer = answers[url.pathname]?.(one)
        response.writeHead(answer === undefined ? 400 : 200, { 'content-type': 'application/json' })
        response.end(answer instanceof Raw ? answer.text : JSON.stringify(answer ?? { error: 'wrong' }))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  function parts(provider: IdentityProvider): ConnectorParts {
    const { host } = new URL(origin)
    const guard = createAddressGuard({ allowedHosts: [host] })
    return { provider, secret, guard, fetch: createGuardedFetch({ guard, insecureHosts: [host], field: 'spec' }) }
  }
  const back = (parameters: Record<string, string>): URL =>
    new URL(`${callbackOf('corp')}?${new URLSearchParams(parameters).toString()}`)
  const finish = (connector: RedirectConnector, parameters: Record<string, string> = {}) => {
    asked = []
    return connector.finish(flow, back({ code: 'the-code', state: flow.state, ...parameters }))
  }
  const refuses = (work: Promise<unknown>) =>
    assert.rejects(work, (thrown: unknown) => {
      const error = asFlotillaError(thrown)
      assert.equal(`${error.message} ${error.remedy}`.includes(secret), false)
      return error.code === 'auth.refused'
    })
  const beginning = async (connector: RedirectConnector) => {
    const url = await connector.begin(flow, callbackOf('corp'))
    return { at: `${url.origin}${url.pathname}`, query: Object.fromEntries(url.searchParams) }
  }
  async function checkHostile(connector: RedirectConnector): Promise<void> {
    await refuses(finish(connector, { state: 'of another' }))
    await refuses(connector.finish(flow, back({ code: 'the-code' })))
    await refuses(connector.finish(flow, back({ state: flow.state })))
    await refuses(finish(connector, { error: 'access_denied' }))
    assert.deepEqual(asked, [], 'nobody is asked with a code of another sign-in')
  }

  const generic = (more: object = {}) =>
    oauth2Connector(
      parts(
        identityProvider('corp', {
          type: 'oauth2',
          oauth2: {
            clientId: 'flo tilla',
            authorizeUrl: 'https://login.example.com/authorize',
            tokenUrl: `${origin}/token`,
            userUrl: `${origin}/user`,
            subjectField: 'data.id',
            nameField: 'data.nick',
            groupsField: 'data.teams',
            ...more,
          },
        }),
      ),
    )

  test('any provider: fields within fields, client by HTTP Basic, token as bearer', async () => {
    const connector = generic({ scopes: ['user', 'teams'], authorizeParameters: { tenant: 'x', state: 'not this' } })
    const { at, query } = await beginning(connector)
    assert.equal(at, 'https://login.example.com/authorize')
    assert.deepEqual(query, {
      tenant: 'x',
      state: flow.state,
      response_type: 'code',
      client_id: 'flo tilla',
      redirect_uri: callbackOf('corp'),
      scope: 'user teams',
      code_challenge: challenge,
      code_challenge_method: 'S256',
    })
    answers = {
      '/token': () => ({ access_token: 'granted' }),
      '/user': () => ({ data: { id: 7, nick: 'Dora', teams: ['b', 'a', 'a', 4, null] }, email: 'd@example.com' }),
    }
    assert.deepEqual(await finish(connector), {
      subject: '7',
      name: 'Dora',
      email: 'd@example.com',
      groups: ['4', 'a', 'b'],
    })
    const [token, user] = asked
    assert.equal(token?.headers.authorization, `Basic ${Buffer.from(`flo+tilla:${secret}`).toString('base64')}`)
    assert.deepEqual(Object.fromEntries(new URLSearchParams(token?.body)), {
      grant_type: 'authorization_code',
      code: 'the-code',
      redirect_uri: callbackOf('corp'),
      code_verifier: flow.verifier,
    })
    assert.equal(user?.headers.authorization, 'Bearer granted')
    await checkHostile(connector)
  })

  test('any provider: client in the body, own parameters, token in the query and elsewhere in the answer', async () => {
    const connector = generic({
      clientAuth: 'body',
      tokenIn: 'query',
      tokenField: 'data.token',
      tokenParameters: { audience: 'y', grant_type: 'not this' },
      userParameters: { lang: 'zh' },
    })
    answers = { '/token': () => ({ data: { token: 'granted' } }), '/user': () => ({ data: { id: 'u' } }) }
    assert.equal((await finish(connector)).subject, 'u')
    const [token, user] = asked
    const body = new URLSearchParams(token?.body)
    assert.deepEqual(
      [body.get('client_id'), body.get('client_secret'), body.get('audience'), body.get('grant_type')],
      ['flo tilla', secret, 'y', 'authorization_code'],
    )
    assert.equal(token?.headers.authorization, undefined)
    assert.deepEqual(user?.query, { lang: 'zh', access_token: 'granted' })
  })

  test('any provider: an answer without a subject, of another form or of a failure is refused', async () => {
    const connector = generic()
    for (const user of [
      {},
      { data: { id: '' } },
      { data: { id: {} } },
      { data: { id: ['root'] } },
      { data: { id: true } },
      { data: { id: 1.5 } },
      { data: { id: 'x'.repeat(513) } },
      { 'data.id': null, data: { id: null } },
      ['x'],
      undefined,
    ]) {
      answers = { '/token': () => ({ access_token: 'granted' }), '/user': () => user }
      await refuses(finish(connector))
    }
    answers = { '/token': () => ({}) }
    await refuses(finish(connector))
  })

  test('any provider: ids that are numbers longer than what is exact here stay those of different people', async () => {
    const [one, other] = ['9007199254740992', '9007199254740993']
    for (const id of [one, other]) {
      const user = `{"data":{"id":${id},"teams":[${id},1]}}`
      answers = { '/token': () => ({ access_token: 'granted' }), '/user': () => new Raw(user) }
      const { subject, groups } = await finish(generic())
      assert.deepEqual([subject, groups], [id, ['1', id]])
    }
  })

  test('DingTalk by QR', async () => {
    const hosts = { login: 'https://login.dingtalk.com', api: origin, old: origin }
    const provider = identityProvider('corp', { type: 'dingtalk', dingtalk: { clientId: 'dingkey' } })
    const connector = dingTalkConnector(parts(provider), hosts)
    const { at, query } = await beginning(connector)
    assert.equal(at, 'https://login.dingtalk.com/oauth2/auth')
    assert.deepEqual([query['client_id'], query['scope'], query['prompt']], ['dingkey', 'openid', 'consent'])
    let member: unknown = { errcode: 0, result: { contact_type: 0, userid: 'zhangsan' } }
    answers = {
      '/v1.0/oauth2/userAccessToken': (one) =>
        json(one)['clientSecret'] === secret && json(one)['code'] === 'the-code' ? { accessToken: 'own' } : undefined,
      '/v1.0/contact/users/me': ({ headers }) =>
        headers['x-acs-dingtalk-access-token'] === 'own' ? { unionId: 'union', nick: 'San' } : undefined,
      '/v1.0/oauth2/accessToken': (one) =>
        json(one)['appKey'] === 'dingkey' && json(one)['appSecret'] === secret ? { accessToken: 'app' } : undefined,
      '/topapi/user/getbyunionid': (one) =>
        one.query['access_token'] === 'app' && json(one)['unionid'] === 'union' ? member : undefined,
      '/topapi/v2/user/get': (one) =>
        json(one)['userid'] === 'zhangsan'
          ? { errcode: 0, result: { name: '张三', org_email: 'zs@example.com', dept_id_list: [1, 42] } }
          : undefined,
    }
    const expected = { subject: 'union', name: '张三', email: 'zs@example.com', groups: ['1', '42'] }
    assert.deepEqual(await finish(connector), expected)
    assert.deepEqual(await connector.finish(flow, back({ authCode: 'the-code', state: flow.state })), expected)
    await connector.probe()
    // a person of the world who is not of the organisation
    for (const stranger of [
      { errcode: 60121, errmsg: 'not found' },
      { errcode: 0, result: { contact_type: 1, userid: 'x' } },
    ]) {
      member = stranger
      await refuses(finish(connector))
    }
    await checkHostile(connector)
  })

  test('Feishu by QR', async () => {
    const hosts = { accounts: 'https://accounts.feishu.cn', open: origin }
    const provider = identityProvider('corp', { type: 'feishu', feishu: { appId: 'cli_a' } })
    const connector = feishuConnector(parts(provider), { feishu: hosts, lark: hosts })
    const { at, query } = await beginning(connector)
    assert.equal(at, 'https://accounts.feishu.cn/open-apis/authen/v1/authorize')
    assert.deepEqual([query['client_id'], query['code_challenge']], ['cli_a', challenge])
    answers = {
      '/open-apis/authen/v2/oauth/token': (one) =>
        json(one)['client_secret'] === secret && json(one)['code_verifier'] === flow.verifier
          ? { code: 0, access_token: 'u-1' }
          : { code: 20010 },
      '/open-apis/authen/v1/user_info': ({ headers }) =>
        headers.authorization === 'Bearer u-1'
          ? { code: 0, data: { union_id: 'on_1', name: '李四', enterprise_email: 'ls@example.com', tenant_key: 't' } }
          : { code: 99991663 },
      '/open-apis/auth/v3/app_access_token/internal': (one) => ({
        code: json(one)['app_secret'] === secret ? 0 : 10014,
      }),
    }
    assert.deepEqual(await finish(connector), { subject: 'on_1', name: '李四', email: 'ls@example.com', groups: ['t'] })
    await connector.probe()
    answers['/open-apis/authen/v2/oauth/token'] = () => ({ code: 20010, msg: 'no right to use the application' })
    await refuses(finish(connector))
    await checkHostile(connector)
  })

  test('WeCom by QR', async () => {
    const hosts = { login: 'https://login.work.weixin.qq.com', api: origin }
    const provider = identityProvider('corp', { type: 'wecom', wecom: { corpId: 'ww1', agentId: '1000002' } })
    const connector = wecomConnector(parts(provider), hosts)
    const { at, query } = await beginning(connector)
    assert.equal(at, 'https://login.work.weixin.qq.com/wwlogin/sso/login')
    assert.deepEqual(query, {
      login_type: 'CorpApp',
      appid: 'ww1',
      agentid: '1000002',
      redirect_uri: callbackOf('corp'),
      state: flow.state,
    })
    let who: unknown = { errcode: 0, userid: 'wangwu' }
    answers = {
      '/cgi-bin/gettoken': ({ query: given }) =>
        given['corpid'] === 'ww1' && given['corpsecret'] === secret
          ? { errcode: 0, access_token: 'app' }
          : { errcode: 40001 },
      '/cgi-bin/auth/getuserinfo': ({ query: given }) =>
        given['access_token'] === 'app' && given['code'] === 'the-code' ? who : { errcode: 40029 },
      '/cgi-bin/user/get': ({ query: given }) =>
        given['userid'] === 'wangwu'
          ? { errcode: 0, name: '王五', biz_mail: 'ww@example.com', department: [2, 3] }
          : { errcode: 60111 },
    }
    assert.deepEqual(await finish(connector), {
      subject: 'wangwu',
      name: '王五',
      email: 'ww@example.com',
      groups: ['2', '3'],
    })
    await connector.probe()
    who = { errcode: 0, openid: 'o', external_userid: 'e' }
    await refuses(finish(connector))
    await refuses(finish(connector, { code: 'another' }))
    await checkHostile(connector)
  })
})
