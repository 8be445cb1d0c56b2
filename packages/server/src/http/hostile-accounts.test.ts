import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { AuditEntry } from '@flotilla/api'
import { User } from '@flotilla/model'
import type { ProviderSignIn } from '../access/providers/provider-sign-in.ts'
import { csrf, type HttpFixture, httpFixture, password, signIn, user } from './testing/http-fixture.ts'
import { identityProvider } from './testing/provider-fixture.ts'

describe('accounts of a provider and our own (a stand-in for the provider)', () => {
  const entries: AuditEntry[] = []
  const nothing = () => Promise.reject(new Error('not part of this test'))
  let fixture: HttpFixture
  before(async () => {
    // only what a sign-in with a password reaches
    const providers = { password: async () => undefined } as unknown as ProviderSignIn
    fixture = await httpFixture({
      providers,
      audit: {
        note: (entry) => void entries.push(entry),
        write: (entry) => Promise.resolve(void entries.push(entry)),
        flush: () => Promise.resolve(),
        verify: nothing,
        lastVerification: undefined,
      },
    })
    fixture.state.identityProviders.put(
      identityProvider('corp', { type: 'wecom', wecom: { corpId: 'c', agentId: '1' } }),
    )
    fixture.host.allow = ({ groups }) => groups.includes('flotilla:platform:admin')
  })
  after(() => fixture.close())

  const enter = (body: object, remoteAddress = '10.0.0.1') =>
    fixture.http.app.inject({ method: 'POST', url: '/api/v1/session', headers: csrf, payload: body, remoteAddress })

  test('nobody of a provider comes in by a password of ours, nor is given one', async () => {
    const eve = user('eve')
    const external = { identity: { provider: 'corp', providerUid: 'uid-corp', subject: 's' } }
    assert.equal((await enter({ username: 'eve', password, kind: 'cli' })).statusCode, 201)
    fixture.state.users.put(User.parse({ ...eve, spec: external }))
    assert.equal((await enter({ username: 'eve', password, kind: 'cli' })).statusCode, 401)
    const given = await fixture.http.app.inject({
      method: 'PUT',
      url: '/api/v1/users/eve/password',
      headers: { ...csrf, ...(await signIn(fixture, 'admin')) },
      payload: { password: 'a long enough one' },
    })
    assert.equal(given.statusCode, 422)
    assert.match(given.body, /signs in through corp/)
    fixture.state.users.put(eve)
  })

  test('a failure at a directory is not told of who is called the same here', async () => {
    entries.length = 0
    const answer = await enter({ username: 'admin', password: 'wrong', kind: 'browser', provider: 'corp' })
    assert.equal(answer.statusCode, 401)
    assert.deepEqual(
      entries.map(({ actor, result }) => [actor.name, actor.uid, result]),
      [['', undefined, 'denied']],
    )
  })

  test('however a name is written that a directory takes for the same, its failures count together', async () => {
    const same = ['alice', 'ALICE', ' alice ', '\uFF41lice', 'al\u00ADice', 'alice\u200B', 'a\u2060lice', '\u24D0lice']
    let address = 0
    const attempt = async (username: string) =>
      (await enter({ username, password: 'wrong', kind: 'browser', provider: 'corp' }, `10.1.0.${++address}`))
        .statusCode
    for (const username of [...same, 'alice', 'alice']) assert.equal(await attempt(username), 401)
    for (const username of same) assert.equal(await attempt(username), 429, JSON.stringify(username))
    assert.equal(await attempt('alicia'), 401)
  })
})
