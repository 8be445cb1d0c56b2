import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { csrf, type HttpFixture, httpFixture, password, signIn, user } from './testing/http-fixture.ts'

describe('the command line is let in from a browser', () => {
  let fixture: HttpFixture
  before(async () => {
    fixture = await httpFixture()
  })
  after(() => fixture.close())

  const secrets = () => {
    const verifier = randomBytes(32).toString('base64url')
    return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
  }
  const post = (url: string, payload: object, headers: Record<string, string> = {}) =>
    fixture.http.app.inject({ method: 'POST', url: `/api/v1${url}`, headers: { ...csrf, ...headers }, payload })
  async function browser(): Promise<Record<string, string>> {
    const answer = await post('/session', { username: 'dora', password })
    const [cookie] = answer.cookies as { name: string; value: string }[]
    return { cookie: `${cookie?.name}=${cookie?.value}` }
  }
  const grant = async (challenge: string, headers?: Record<string, string>) =>
    (await post('/session/command-line', { challenge }, headers ?? (await browser()))).json<{ code: string }>().code
  const redeem = async (code: string, verifier: string) => {
    const answer = await post('/session/command-line/redemption', { code, verifier })
    return { status: answer.statusCode, token: answer.json<{ token?: string }>().token }
  }

  test('with what it alone knows it gets a session of its own, once', async () => {
    const { verifier, challenge } = secrets()
    const code = await grant(challenge)
    const { status, token } = await redeem(code, verifier)
    assert.equal(status, 201)
    const me = await fixture.http.app.inject({ url: '/api/v1/session', headers: { authorization: `Bearer ${token}` } })
    const seen = me.json<{ kind: string; person: { name: string } }>()
    assert.deepEqual([seen.kind, seen.person.name], ['cli', 'dora'])
    assert.equal((await redeem(code, verifier)).status, 401)
  })

  test('a code is of no use to who does not know, too late, damaged, or for somebody who is disabled', async () => {
    const { verifier, challenge } = secrets()
    const code = await grant(challenge)
    assert.equal((await redeem(code, secrets().verifier)).status, 401)
    assert.equal((await redeem(code, verifier)).status, 401, 'and is used up by the try')
    const late = await grant(challenge)
    fixture.ahead = 61_000
    assert.equal((await redeem(late, verifier)).status, 401)
    fixture.ahead = 0
    const whole = await grant(challenge)
    assert.equal((await redeem(`${whole.slice(0, -6)}AAAAAA`, verifier)).status, 401)
    const theirs = await grant(challenge)
    fixture.state.users.put(user('dora', true))
    assert.equal((await redeem(theirs, verifier)).status, 401)
    fixture.state.users.put(user('dora'))
    const session = await browser()
    const leaving = await grant(challenge, session)
    await fixture.http.app.inject({ method: 'DELETE', url: '/api/v1/session', headers: { ...csrf, ...session } })
    assert.equal((await redeem(leaving, verifier)).status, 401, 'nor after who gave it has signed out')
  })

  test('of many who come with the code at once one gets in', async () => {
    const { verifier, challenge } = secrets()
    const code = await grant(challenge)
    const answers = await Promise.all(Array.from({ length: 8 }, () => redeem(code, verifier)))
    assert.equal(answers.filter(({ status }) => status === 201).length, 1)
  })

  test('a session of the command line lets no other in, and another site cannot make a browser do it', async () => {
    const { challenge } = secrets()
    const headers = await signIn(fixture, 'dora')
    assert.equal((await post('/session/command-line', { challenge }, headers)).statusCode, 403)
    const foreign = await fixture.http.app.inject({
      method: 'POST',
      url: '/api/v1/session/command-line',
      headers: { ...(await browser()), ...csrf, origin: 'https://evil.example' },
      payload: { challenge },
    })
    assert.equal(foreign.statusCode, 403)
  })
})
