import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { systemClock } from '@flotilla/kube'
import { Application, known, Project, unknown } from '@flotilla/model'
import type { MigrationClaim } from '../../store/migration-ledger.ts'
import { openSqliteStore } from '../../store/sqlite-store.ts'
import type { Store } from '../../store/store.ts'
import { resolveHook, type ResolveHookDeps, type ResolveHookQuestion } from './resolve-hook.ts'

const base = { apiVersion: 'flotilla.dev/v1alpha1' }
const application = Application.parse({
  ...base,
  kind: 'Application',
  metadata: { name: 'web', namespace: 'pj-shop' },
  spec: { components: [{ name: 'web', manifests: { inline: 'a: b' } }] },
})
const project = Project.parse({
  ...base,
  kind: 'Project',
  metadata: { name: 'shop', namespace: 'ws-retail', uid: 'p' },
  spec: { targets: [{ clusters: {} }] },
})
const at = '2026-11-01T00:00:00.000Z'

describe('a person says how a hook ended (over a real store, clusters are made up)', () => {
  let dir = ''
  let store: Store
  let number = 0
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'flotilla-hook-'))
    store = await openSqliteStore({ dataDir: dir })
  })
  after(async () => {
    await store.close()
    await rm(dir, { recursive: true, force: true })
  })
  let projectUid = ''
  beforeEach(() => void (projectUid = `p${++number}`))

  const claim = (cluster: string, holder: string, name = 'migrate'): MigrationClaim => ({
    projectUid,
    project: 'shop',
    application: 'web',
    digest: `d/${holder}`,
    scope: `target:${cluster}/shop`,
    name,
    holder,
    job: { cluster, namespace: 'shop', name },
    reversible: true,
    idempotent: false,
    startedAt: at,
  })
  const uncertain = async (cluster: string, holder = `${cluster}/web@one/pre-upgrade/Job/migrate`, name?: string) => {
    const one = claim(cluster, holder, name)
    await store.migrationLedger.begin(one)
    await store.migrationLedger.end(one, holder, { state: 'Uncertain', at })
    return one
  }
  const resolve = (request: Partial<ResolveHookQuestion['request']> = {}, job?: object) => {
    const fleet = {
      client: () => (job === undefined ? unknown('cut off') : known({ find: async () => job })),
    } as unknown as ResolveHookDeps['fleet']
    return resolveHook(
      { ledger: store.migrationLedger, fleet, clock: systemClock },
      {
        application,
        project: { ...project, metadata: { ...project.metadata, uid: projectUid } },
        request: { outcome: 'Succeeded', reason: 'looked', ...request },
        by: { user: 'flotilla:user:otto', groups: [] },
      },
    )
  }

  test('and the ledger has it, with who said so', async () => {
    const one = await uncertain('east')
    const answer = await resolve()
    assert.deepEqual([answer.hook, answer.cluster, answer.outcome], ['migrate', 'east', 'Succeeded'])
    const record = await store.migrationLedger.get(one)
    assert.deepEqual(
      [record?.state, record?.resolved?.by, record?.resolved?.reason],
      ['Succeeded', 'flotilla:user:otto', 'looked'],
    )
    await assert.rejects(resolve(), { code: 'request.not_found' })
  })

  test('of one that failed the next delivery runs it again', async () => {
    const one = await uncertain('east')
    await resolve({ outcome: 'Failed', hook: 'migrate', cluster: 'east' })
    assert.equal((await store.migrationLedger.begin(one)).mine, true)
  })

  test('and says which, where several wait', async () => {
    await uncertain('east')
    const west = await uncertain('west')
    await assert.rejects(resolve(), { code: 'input.invalid' })
    await resolve({ cluster: 'west' })
    assert.equal((await store.migrationLedger.get(west))?.state, 'Succeeded')
    await assert.rejects(resolve({ cluster: 'west' }), { code: 'request.not_found' })
  })

  test('not of one that runs, and not of a step of a plan', async () => {
    await uncertain('east')
    await assert.rejects(resolve({}, { status: { active: 1 } }), { code: 'request.conflict' })
    await resolve({}, { status: { failed: 1 } })
    await uncertain('north', 'run/rest/-/-/before/migrate/1')
    await assert.rejects(resolve(), { code: 'request.not_found' })
  })
})
