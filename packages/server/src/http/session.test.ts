import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { noPassword } from '../access/password-hash.ts'
import {
  csrf,
  type HttpFixture,
  httpFixture,
  membership,
  password,
  project,
  signIn,
  user,
} from './testing/http-fixture.ts'

let fixture: HttpFixture
before(async () => {
  fixture = await httpFixture()
})
after(() => fixture.close())

const post = (payload: unknown, headers: Record<string, string> = csrf, url = '/api/v1/session') =>
  fixture.http.app.inject({ method: 'POST', url, headers, payload: payload as object })
const codeOf = (answer: { json: () => unknown }) => (answer.json() as { error: { code: string } }).error.code

describe('signing in', () => {
  test('a browser gets a cookie that scripts and other sites cannot use, and no token in the answer', async () => {
    const answer = await post({ username: 'admin', password })
    assert.equal(answer.statusCode, 201)
    const [cookie] = answer.cookies as {
      name: string
      value: string
      httpOnly: boolean
      sameSite: string
      path: string
    }[]
    assert.ok(cookie)
    assert.equal(cookie.httpOnly, true)
    assert.equal(cookie.sameSite, 'Strict')
    assert.equal(cookie.path, '/')
    assert.ok(!answer.body.includes(cookie.value))
    const me = await fixture.http.app.inject({ url: '/api/v1/session', cookies: { [cookie.name]: cookie.value } })
    const seen = me.json<{ person: { name: string; groups: string[]; roles: unknown[] } }>()
    assert.equal(seen.person.name, 'admin')
    assert.deepEqual(seen.person.groups, ['flotilla:platform:admin'])
  })

  test('a browser behind a proxy that ends TLS gets a cookie that no other host can set, and another one counts for nothing', async () => {
    const own = await httpFixture({ trustedProxies: ['10.0.0.0/8'] })
    try {
      const ask = async (
        asked: { method: 'POST' | 'GET' | 'DELETE'; cookies?: Record<string, string> },
        proto = 'https',
      ) =>
        await own.http.app.inject({
          ...asked,
          url: '/api/v1/session',
          headers: { ...csrf, 'x-forwarded-proto': proto, 'x-forwarded-for': '192.0.2.1' },
          remoteAddress: '10.1.2.3',
          ...(asked.method === 'POST' ? { payload: { username: 'eve', password } } : {}),
        })
      const [cookie] = (await ask({ method: 'POST' })).cookies as {
        name: string
        value: string
        path: string
        secure: boolean
        domain?: string
      }[]
      assert.ok(cookie)
      const { name, value } = cookie
      assert.deepEqual(
        [name, cookie.secure, cookie.path, cookie.domain],
        ['__Host-flotilla-session', true, '/', undefined],
      )
      const status = async (as: string, proto?: string) =>
        (await ask({ method: 'GET', cookies: { [as]: value } }, proto)).statusCode
      assert.deepEqual(
        [await status(name), await status('flotilla-session'), await status(name, 'http')],
        [200, 401, 401],
      )
      const gone = (await ask({ method: 'DELETE', cookies: { [name]: value } })).cookies as {
        name: string
        secure: boolean
      }[]
      assert.deepEqual(
        gone.map((one) => [one.name, one.secure]),
        [[name, true]],
      )
    } finally {
      await own.close()
    }
  })

  test('a token is kept only as its hash', async () => {
    const { authorization } = await signIn(fixture, 'dora')
    const token = authorization.slice('Bearer '.length)
    assert.equal(await fixture.store.sessions.get(token), undefined)
    const me = await fixture.http.app.inject({ url: '/api/v1/session', headers: { authorization } })
    assert.equal(me.json<{ person: { name: string } }>().person.name, 'dora')
  })

  test('a wrong password and a name that nobody has are answered alike', async () => {
    const wrong = await post({ username: 'eve', password: 'wrong' })
    const nobody = await post({ username: 'nobody', password: 'wrong' })
    assert.equal(wrong.statusCode, 401)
    assert.deepEqual(wrong.json(), nobody.json())
  })

  test('a signed-out session opens nothing', async () => {
    const headers = await signIn(fixture, 'dora')
    const out = await fixture.http.app.inject({ method: 'DELETE', url: '/api/v1/session', headers })
    assert.equal(out.statusCode, 200)
    const me = await fixture.http.app.inject({ url: '/api/v1/session', headers })
    assert.equal(me.statusCode, 401)
    assert.equal(codeOf(me), 'auth.required')
  })

  test('a clock that is set ten minutes forward or back ends no session, and one that is over stays so', async () => {
    const headers = await signIn(fixture, 'dora')
    const status = async () => (await fixture.http.app.inject({ url: '/api/v1/session', headers })).statusCode
    const month = 30 * 24 * 60 * 60_000
    try {
      for (const ahead of [600_000, -600_000]) {
        fixture.ahead = ahead
        assert.equal(await status(), 200)
        assert.equal((await signIn(fixture, 'dora')).authorization.length > 20, true)
      }
      fixture.ahead = month + 600_000
      assert.equal(await status(), 401)
    } finally {
      fixture.ahead = 0
    }
  })

  test('a disabled person is out at once', async () => {
    const headers = await signIn(fixture, 'dora')
    fixture.state.users.put(user('dora', true))
    try {
      assert.equal((await fixture.http.app.inject({ url: '/api/v1/session', headers })).statusCode, 401)
      assert.equal(codeOf(await post({ username: 'dora', password, kind: 'cli' })), 'auth.failed')
    } finally {
      fixture.state.users.put(user('dora'))
    }
  })

  test('a membership counts only for the user it was made for', async () => {
    const other = membership('eve', 'flotilla-system', 'admin')
    fixture.state.memberships.put({ ...other, status: { userUid: 'uid-of-an-earlier-eve' } })
    const headers = await signIn(fixture, 'eve')
    const me = await fixture.http.app.inject({ url: '/api/v1/session', headers })
    assert.deepEqual(me.json<{ person: { groups: string[] } }>().person.groups, [])
    fixture.state.memberships.remove('flotilla-system', 'eve-admin')
  })

  test('a membership in a project gives a role there, once the project has its namespace, and no word but a role', async () => {
    const { state, http } = fixture
    const before = state.projects.get('ws-retail', 'shop') ?? project('shop', 'retail')
    const headers = await signIn(fixture, 'eve')
    const me = async () => {
      const answer = await http.app.inject({ url: '/api/v1/session', headers })
      return answer.json<{ person: { groups: string[]; roles: unknown[] } }>().person
    }
    try {
      state.memberships.put(membership('eve', 'pj-shop', 'operator'))
      state.memberships.put(membership('eve', 'pj-shop', 'delivery'))
      assert.deepEqual((await me()).groups, [])
      state.projects.put({ ...before, status: { namespace: 'pj-shop' } })
      const { groups, roles } = await me()
      assert.deepEqual(groups, ['flotilla:project:uid-shop:operator'])
      assert.deepEqual(roles, [{ scope: 'project', workspace: 'retail', project: 'shop', role: 'operator' }])
      state.memberships.remove('pj-shop', 'eve-operator')
      assert.deepEqual((await me()).groups, [])
    } finally {
      state.memberships.remove('pj-shop', 'eve-operator')
      state.memberships.remove('pj-shop', 'eve-delivery')
      state.projects.put(before)
    }
  })

  test('ten failures lock, also with the right password, and longer each time', async () => {
    const own = await httpFixture()
    try {
      const attempt = async (word: string) => {
        const answer = await own.http.app.inject({
          method: 'POST',
          url: '/api/v1/session',
          headers: csrf,
          payload: { username: 'eve', password: word, kind: 'cli' },
        })
        return { code: answer.statusCode, wait: Number(answer.headers['retry-after'] ?? 0) }
      }
      for (let at = 0; at < 10; at++) assert.equal((await attempt('wrong')).code, 401)
      const locked = await attempt(password)
      assert.equal(locked.code, 429)
      assert.ok(locked.wait > 0 && locked.wait <= 30)
      own.ahead += 31_000
      assert.equal((await attempt('wrong')).code, 401)
      assert.ok((await attempt(password)).wait > 30)
      own.ahead += 61_000
      assert.equal((await attempt(password)).code, 201)
    } finally {
      await own.close()
    }
  })

  test('many attempts at once try no more passwords than one after the other, and a name that nobody has looks the same', async () => {
    const own = await httpFixture()
    try {
      const attempt = async (username: string, word: string, from: number) => {
        const answer = await own.http.app.inject({
          method: 'POST',
          url: '/api/v1/session',
          headers: csrf,
          remoteAddress: `192.0.2.${from}`,
          payload: { username, password: word, kind: 'cli' },
        })
        return answer.statusCode
      }
      for (const username of ['eve', 'nobody']) {
        const words = [...Array.from({ length: 20 }, () => 'wrong'), password]
        const codes = await Promise.all(words.map((word, from) => attempt(username, word, from)))
        assert.equal(codes.filter((code) => code === 401).length, 10)
        // also the right one, which came last
        assert.deepEqual([codes.filter((code) => code === 429).length, codes.at(-1)], [11, 429])
      }
    } finally {
      await own.close()
    }
  })

  test('a password that an administrator sets while the earlier one is checked stays', async (t) => {
    const own = await httpFixture()
    try {
      const read = own.store.passwords.get
      const set = { userUid: 'uid-eve', hash: noPassword, failures: 0, mustChange: true }
      const mine = await signIn(own, 'eve')
      t.mock.method(own.store.passwords, 'get', async (uid: string) => {
        const record = await read(uid)
        await own.store.passwords.put(set)
        return record
      })
      const change = { currentPassword: password, newPassword: 'another long one' }
      const ways = [
        { method: 'PUT', url: '/api/v1/session/password', headers: mine, payload: change },
        { method: 'POST', url: '/api/v1/session', headers: csrf, payload: { username: 'eve', password } },
        { method: 'POST', url: '/api/v1/session', headers: csrf, payload: { username: 'eve', password: 'wrong' } },
      ] as const
      const hash = (await read('uid-eve'))?.hash ?? ''
      for (const way of ways) {
        await own.store.passwords.put({ userUid: 'uid-eve', hash, failures: 1, mustChange: false })
        assert.equal((await own.http.app.inject(way)).statusCode, 401)
        assert.deepEqual(await read('uid-eve'), set)
      }
    } finally {
      await own.close()
    }
  })

  test('an address that tries many names is held up too', async () => {
    const own = await httpFixture()
    try {
      const attempt = async (username: string, word: string) =>
        (
          await own.http.app.inject({
            method: 'POST',
            url: '/api/v1/session',
            headers: csrf,
            payload: { username, password: word },
          })
        ).statusCode
      for (let at = 0; at < 30; at++) assert.equal(await attempt(`user${at}`, 'wrong'), 401)
      assert.equal(await attempt('eve', password), 429)
    } finally {
      await own.close()
    }
  })

  test('changing the password asks for the current one and ends the other sessions', async () => {
    const mine = await signIn(fixture, 'eve')
    const other = await signIn(fixture, 'eve')
    const change = (current: string, next: string) =>
      fixture.http.app.inject({
        method: 'PUT',
        url: '/api/v1/session/password',
        headers: mine,
        payload: { currentPassword: current, newPassword: next },
      })
    assert.equal(codeOf(await change('wrong', 'another long one')), 'auth.failed')
    assert.equal(codeOf(await change(password, 'short')), 'input.invalid')
    assert.ok(!(await change(password, 'tinypass')).body.includes('tinypass'))
    assert.equal((await change(password, 'another long one')).statusCode, 200)
    assert.equal((await fixture.http.app.inject({ url: '/api/v1/session', headers: mine })).statusCode, 200)
    assert.equal((await fixture.http.app.inject({ url: '/api/v1/session', headers: other })).statusCode, 401)
    assert.equal((await post({ username: 'eve', password: 'another long one', kind: 'cli' })).statusCode, 201)
  })

  test('a password that an administrator set opens nothing but its change', async () => {
    fixture.host.allow = ({ groups }) => groups.includes('flotilla:platform:admin')
    const admin = await signIn(fixture, 'admin')
    const set = await fixture.http.app.inject({
      method: 'PUT',
      url: '/api/v1/users/eve/password',
      headers: admin,
      payload: { password: 'given by the admin' },
    })
    assert.equal(set.statusCode, 200)
    const answer = await post({ username: 'eve', password: 'given by the admin', kind: 'cli' })
    const { token, mustChangePassword } = answer.json<{ token: string; mustChangePassword: boolean }>()
    assert.equal(mustChangePassword, true)
    const headers = { authorization: `Bearer ${token}` }
    assert.equal((await fixture.http.app.inject({ url: '/api/v1/kinds', headers })).statusCode, 403)
    const change = { currentPassword: 'given by the admin', newPassword: 'my own again, long' }
    const changed = await fixture.http.app.inject({
      method: 'PUT',
      url: '/api/v1/session/password',
      headers,
      payload: change,
    })
    assert.equal(changed.statusCode, 200)
    assert.equal((await fixture.http.app.inject({ url: '/api/v1/kinds', headers })).statusCode, 200)
  })
})

describe('requests that another site makes a browser send', () => {
  const browser = async () => {
    const answer = await post({ username: 'admin', password })
    const [cookie] = answer.cookies as { name: string; value: string }[]
    return { cookie: `${cookie?.name}=${cookie?.value}`, host: 'flotilla.example' }
  }
  const refused: [string, Record<string, string>][] = [
    ['without the header that proves the console', {}],
    ['with the Origin of another site', { ...csrf, origin: 'https://evil.example' }],
    ['with the Origin null', { ...csrf, origin: 'null' }],
    ['that the browser calls cross-site', { ...csrf, 'sec-fetch-site': 'cross-site' }],
    ['of a sibling host', { ...csrf, 'sec-fetch-site': 'same-site' }],
  ]
  for (const [name, headers] of refused) {
    test(`are refused ${name}`, async () => {
      const answer = await fixture.http.app.inject({
        method: 'POST',
        url: '/api/v1/access/check',
        headers: { ...(await browser()), ...headers },
        payload: { questions: [{ verb: 'list', resource: 'clusters' }] },
      })
      assert.equal(answer.statusCode, 403)
      assert.equal(codeOf(answer), 'request.csrf')
    })
  }

  test('signing in is refused too, so that nobody is signed in as somebody else', async () => {
    assert.equal(codeOf(await post({ username: 'admin', password }, {})), 'request.csrf')
    assert.equal(
      codeOf(await post({ username: 'admin', password }, { ...csrf, origin: 'https://evil.example' })),
      'request.csrf',
    )
  })

  test('the console itself is let through', async () => {
    const answer = await fixture.http.app.inject({
      method: 'POST',
      url: '/api/v1/access/check',
      headers: { ...(await browser()), ...csrf, origin: 'https://flotilla.example', 'sec-fetch-site': 'same-origin' },
      payload: { questions: [{ verb: 'list', resource: 'clusters' }] },
    })
    assert.equal(answer.statusCode, 200)
  })
})
