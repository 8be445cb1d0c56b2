import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { apiVersion, Approval, Plan, Release, Rollout, userIdentity } from '@flotilla/model'
import { csrf, type HttpFixture, httpFixture, membership, signIn } from '../testing/http-fixture.ts'

const digest = 'hmac-sha256:v2'
const base = { apiVersion, metadata: { namespace: 'pj-shop', uid: 'u', creationTimestamp: '2026-11-01T00:00:00Z' } }
const of = (kind: string, name: string, rest: object): object => ({
  ...base,
  kind,
  metadata: { ...base.metadata, name },
  ...rest,
})
const release = Release.parse(
  of('Release', 'v2', {
    spec: { application: 'web', authors: [userIdentity('uid-dora')], freeze: true },
    status: {
      phase: 'Frozen',
      frozen: {
        digest,
        document: 'd',
        at: '2026-11-01T00:00:00Z',
        authors: [userIdentity('uid-dora')],
        componentVersions: [],
        targets: [],
      },
    },
  }),
)
const plan = (approval: object) =>
  Plan.parse(of('Plan', 'staged', { spec: { stages: [{ name: 'rest', before: [{ name: 'go', approval }] }] } }))
const run = (rest: object = {}) =>
  Rollout.parse(
    of('Rollout', 'v2-1', {
      spec: { application: 'web', release: 'v2', plan: 'staged', author: userIdentity('uid-dora'), ...rest },
      status: { phase: 'Running', snapshot: { at: '', document: 'kept', release: digest } },
    }),
  )
const go = { rollout: 'v2-1', stage: 'rest', step: 'go' }

describe('giving an approval (a stand-in for the host)', () => {
  let fixture: HttpFixture
  before(async () => {
    fixture = await httpFixture()
    fixture.host.allow = ({ namespace }) => namespace === 'pj-shop'
    fixture.state.memberships.put(membership('eve', 'ws-retail', 'viewer'))
    fixture.state.releases.put(release)
  })
  after(() => fixture.close())
  beforeEach(() => {
    fixture.state.plans.put(plan({}))
    fixture.state.rollouts.remove('pj-shop', 'v2-1')
    fixture.host.written.length = 0
  })
  const give = async (who: string, body: object = {}) => {
    const answer = await fixture.http.app.inject({
      method: 'POST',
      url: '/api/v1/projects/shop/approvals',
      headers: { ...csrf, ...(await signIn(fixture, who)) },
      payload: { release: 'v2', digest, ...body },
    })
    return {
      status: answer.statusCode,
      code: answer.json<{ error?: { code: string } }>().error?.code,
      written: fixture.host.written.length,
    }
  }
  const refused = { status: 403, code: 'approval.void', written: 0 }

  test('is refused to who wrote it, yes and no alike, with a rollout and without', async () => {
    assert.deepEqual(await give('dora'), refused)
    assert.deepEqual(await give('dora', { decision: 'Rejected' }), refused)
    fixture.state.rollouts.put(run())
    assert.deepEqual(await give('dora', go), refused)
  })

  test('is taken from an author where the step allows it', async () => {
    fixture.state.plans.put(plan({ allowAuthor: true, users: ['dora'] }))
    fixture.state.rollouts.put(run())
    assert.equal((await give('dora', go)).status, 201)
  })

  test('is refused to whom no step asks, and taken from whom it asks', async () => {
    assert.deepEqual(await give('eve'), refused)
    assert.equal((await give('admin')).status, 201)
    fixture.state.plans.put(plan({ users: ['eve'] }))
    assert.equal((await give('eve')).status, 201)
  })

  test('is refused for other content, and for a step that there is not', async () => {
    assert.equal((await give('admin', { digest: 'old' })).code, 'request.conflict')
    fixture.state.rollouts.put(run())
    assert.equal((await give('admin', { ...go, step: 'other' })).code, 'input.invalid')
    assert.equal((await give('admin', { ...go, rollout: 'v1-1' })).code, 'request.not_found')
  })

  test('names the digest of the rollback where it is for its step', async () => {
    const going = Plan.parse(
      of('Plan', 'staged', {
        spec: { stages: [{ name: 'rest', before: [{ name: 'go', during: ['Rollback'], approval: {} }] }] },
      }),
    )
    fixture.state.plans.put(going)
    const back = run({ rollback: { of: 'v2-0' } })
    fixture.state.rollouts.put({
      ...back,
      status: { ...back.status, snapshot: { at: '', document: 'kept', release: 'back' } },
    })
    assert.equal((await give('admin', go)).code, 'request.conflict')
    assert.equal((await give('admin', { ...go, digest: 'back' })).status, 201)
  })

  test('counts for nothing in lists when it was written past that', async () => {
    const word = (name: string, approver: string) =>
      Approval.parse(of('Approval', name, { spec: { release: 'v2', digest, approver: userIdentity(approver) } }))
    for (const [name, who] of [
      ['a', 'uid-dora'],
      ['b', 'uid-eve'],
      ['c', 'uid-admin'],
    ] as const)
      fixture.state.approvals.put(word(name, who))
    const headers = await signIn(fixture, 'dora')
    const answer = await fixture.http.app.inject({ url: '/api/v1/projects/shop/releases/v2', headers })
    const detail = answer.json<{
      approvals: object
      writers: { name: string }[]
      approvalList: { name: string; voidBecause?: string }[]
    }>()
    assert.deepEqual(detail.approvals, { approved: 1, rejected: 0 })
    assert.deepEqual(
      detail.approvalList.map(({ name, voidBecause }) => [name, voidBecause]),
      [
        ['a', 'author'],
        ['b', 'not-asked'],
        ['c', undefined],
      ],
    )
    assert.deepEqual(
      detail.writers.map(({ name }) => name),
      ['dora'],
    )
  })
})
