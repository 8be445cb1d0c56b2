import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, test } from 'node:test'
import { asFlotillaError, builtInRoles, MembershipSpec } from '@flotilla/model'
import { testIo } from '../testing/test-io.ts'
import { addMember } from './members.ts'

interface Row {
  readonly membership: string
  readonly state: string
  readonly role?: string
  readonly scope?: string
  readonly user?: string
}

describe('a role that is given (a stand-in for the server)', () => {
  let server: Server
  let url = ''
  let rows: readonly Row[]
  let applied: object
  let calls: string[]
  let roles: readonly string[] = []
  before(async () => {
    server = createServer((request, response) => {
      let sent = ''
      request.on('data', (chunk: Buffer) => (sent += chunk.toString()))
      request.on('end', () => {
        const { pathname } = new URL(request.url ?? '/', 'http://x')
        const last = pathname.split('/').at(-1) ?? ''
        const { mode } = sent === '' ? { mode: '' } : (JSON.parse(sent) as { mode: string })
        calls.push(`${request.method} ${last} ${mode}`.trim())
        const items = rows.map((row) => ({ scope: 'workspace', user: 'dora', role: 'viewer', ...row }))
        const answer =
          last === 'roles'
            ? { items: roles.map((name) => ({ name })) }
            : last === 'members'
              ? { items }
              : request.method === 'DELETE'
                ? { outcome: 'deleted' }
                : { items: [applied] }
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(JSON.stringify(answer))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(() => new Promise((resolve) => server.close(resolve)))
  beforeEach(() => {
    rows = []
    applied = { outcome: 'unchanged' }
    calls = []
  })
  async function add(role = 'viewer') {
    const io = testIo({ env: { FLOTILLA_SERVER: url, FLOTILLA_TOKEN: 't' } })
    await addMember(io, 'dora', role, { workspace: 'retail' })
    return io.said
  }
  const refused = (code: string) => ({ outcome: 'failed', error: { code, message: 'no' } })

  test('is theirs already where the Membership is of this person', async () => {
    rows = [{ membership: 'dora', state: 'Given' }]
    const { out, err } = await add()
    assert.match(out, /already/)
    assert.equal(err, '')
    assert.deepEqual(calls, ['GET members', 'POST documents apply'])
  })

  test('is made anew where the Membership was for an earlier person of that name', async () => {
    rows = [{ membership: 'dora', state: 'OtherPerson' }]
    assert.match((await add()).out, /dora is viewer of workspace retail now/)
    assert.deepEqual(calls, ['GET members', 'POST documents apply', 'DELETE dora', 'POST documents create'])
  })

  test('that is refused removes nothing', async () => {
    rows = [{ membership: 'dora', state: 'OtherPerson' }]
    applied = refused('kube.forbidden')
    await assert.rejects(add(), { code: 'kube.forbidden', message: 'no' })
    assert.deepEqual(calls, ['GET members', 'POST documents apply'])
  })

  test('comes with a word about another Membership of theirs in that very place', async () => {
    applied = { outcome: 'changed' }
    rows = [
      { membership: 'dora-admin', state: 'Given', role: 'admin' },
      { membership: 'dora-old', state: 'OtherPerson', role: 'developer' },
      { membership: 'dora-above', state: 'Given', role: 'auditor', scope: 'platform' },
      { membership: 'otto', state: 'Given', role: 'operator', user: 'otto' },
    ]
    const { err } = await add()
    assert.match(
      err,
      /also admin there, by Membership dora-admin; flotilla member remove dora -w retail takes all away/,
    )
    assert.doesNotMatch(err, /developer|auditor|operator/)
  })

  test('that does not exist is refused with those that do, and one that somebody made is given', async () => {
    roles = ['admin', 'developer', 'viewer', 'releaser']
    await assert.rejects(add('owner'), (thrown) => {
      const { code, field, value, remedy } = asFlotillaError(thrown)
      assert.deepEqual([code, field, value], ['request.not_found', 'role', 'owner'])
      assert.match(remedy ?? '', /admin, developer, viewer, releaser/)
      return true
    })
    assert.deepEqual(calls, ['GET roles'])
    applied = { outcome: 'created' }
    assert.match((await add('releaser')).out, /dora is releaser of workspace retail now/)
  })

  test('is one of those that the kind itself describes', () => {
    const words = MembershipSpec.shape.role.description ?? ''
    const [platform = '', workspace = '', project = ''] = words.replace(/\. Or .*/, '').split('. In ')
    for (const [text, roles] of [
      [platform, builtInRoles.platform],
      [workspace, builtInRoles.workspace],
      [project, builtInRoles.project],
    ] as const)
      assert.deepEqual(text.match(/admin|operator|developer|viewer/g), [...roles], text)
  })
})
