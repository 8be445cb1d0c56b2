import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { apiVersion, Release, userIdentity } from '@flotilla/model'
import { application, type HttpFixture, httpFixture, signIn } from '../testing/http-fixture.ts'

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
