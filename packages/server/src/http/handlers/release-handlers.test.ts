import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { apiVersion, Release, Rollout, userIdentity } from '@flotilla/model'
import { application, csrf, type HttpFixture, httpFixture, signIn } from '../testing/http-fixture.ts'

describe('a release of what is delivered directly (a stand-in for the host)', () => {
  let fixture: HttpFixture
  before(async () => {
    fixture = await httpFixture()
    fixture.host.allow = ({ namespace }) => namespace === 'pj-shop'
    fixture.state.releases.put(
      Release.parse({
        apiVersion,
        kind: 'Release',
        metadata: { name: 'web-1', namespace: 'pj-shop', uid: 'r', creationTimestamp: '2026-11-01T00:00:00Z' },
        spec: { application: 'web', authors: [userIdentity('uid-dora')] },
      }),
    )
  })
  after(() => fixture.close())
  const codes = async () => {
    const headers = await signIn(fixture, 'dora')
    const answer = await fixture.http.app.inject({ url: '/api/v1/projects/shop/releases/web-1', headers })
    return answer.json<{ findingList: { code: string }[] }>().findingList.map(({ code }) => code)
  }

  test('says that it cannot go out, until the application is governed', async () => {
    fixture.state.applications.put(application('web'))
    assert.deepEqual(await codes(), ['release.direct'])
    fixture.state.applications.put(application('web', 'shop', { mode: 'governed' }))
    assert.deepEqual(await codes(), [])
  })
})

describe('a release that is past being rejected (a stand-in for the host)', () => {
  let fixture: HttpFixture
  const at = { namespace: 'pj-shop', creationTimestamp: '2026-11-02T00:00:00Z' }
  before(async () => {
    fixture = await httpFixture()
    fixture.host.allow = ({ namespace }) => namespace === 'pj-shop'
    const spec = { application: 'web', authors: [userIdentity('uid-dora')] }
    const metadata = { ...at, name: 'web-1', uid: 'r' }
    fixture.state.releases.put(
      Release.parse({ apiVersion, kind: 'Release', metadata, spec, status: { phase: 'Rolling' } }),
    )
  })
  after(() => fixture.close())

  for (const [phase, remedy] of [
    ['Running', /flotilla rollout abort web-1-1/],
    ['Aborted', /flotilla rollout rollback web-1-1/],
    ['Failed', /flotilla rollout rollback web-1-1/],
  ] as const)
    test(`is told what can be done about its rollout: ${phase}`, async () => {
      const spec = { application: 'web', release: 'web-1', plan: 'all', author: userIdentity('uid-dora') }
      const metadata = { ...at, name: 'web-1-1', uid: 'run' }
      fixture.state.rollouts.put(Rollout.parse({ apiVersion, kind: 'Rollout', metadata, spec, status: { phase } }))
      const answer = await fixture.http.app.inject({
        method: 'POST',
        url: '/api/v1/projects/shop/releases/web-1/rejection',
        headers: { ...(await signIn(fixture, 'dora')), ...csrf },
        payload: { reason: 'no' },
      })
      assert.equal(answer.statusCode, 409)
      assert.match(answer.body, remedy)
    })
})
