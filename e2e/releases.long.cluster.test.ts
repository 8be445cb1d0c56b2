import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test, type TestContext } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { ApiClient, RolloutDetail } from '@flotilla/api'
import type { Fleet } from '@flotilla/local'
import { type CountingDatabase, openCountingDatabase } from './support/counting-database.ts'
import { cliOf } from './support/flotilla-cli.ts'
import { type KubectlPerson, makePerson } from './support/kubectl-person.ts'
import { joinMembers, members, openReleaseFleet } from './support/open-release-fleet.ts'
import { leaveClusters, until } from './support/prepare-project.ts'
import { pushNextChart } from './support/push-next-chart.ts'
import type { Ran } from './support/run-program.ts'
import { addressOf, ShopInMembers, type ShopThere } from './support/shop-in-members.ts'
import { everywhere, shop, type ShopVersion, staged, tenancy } from './support/shop-release-documents.ts'
import { type RunningFlotilla, startFlotilla } from './support/start-flotilla.ts'

const suffix = randomBytes(3).toString('hex')
const workspace = `rel-${suffix}`
const project = `store-${suffix}`
const app = `${project}/shop`

const one: ShopVersion = { message: 'Welcome to v1', discountPercent: 0, paymentKey: `first-key-${suffix}` }
const two: ShopVersion = { message: 'Welcome to v2', discountPercent: 5, paymentKey: `second-key-${suffix}` }
/** The chart brings the image of the page; that of the API is chosen apart. */
const wanted = {
  one: {
    message: one.message,
    paymentKey: one.paymentKey,
    images: ['docker.io/shop/api:1.0.0', 'docker.io/shop/web:1.0.0'],
  },
  two: {
    message: two.message,
    paymentKey: two.paymentKey,
    images: ['docker.io/shop/api:1.2.0', 'docker.io/shop/web:1.1.0'],
  },
}
const longMs = 180_000

/** The shop's whole way from v1 to v2 and back: five clusters, two people, a real database, as they do it by the command line. */
describe('releases of a shop', { timeout: 900_000 }, () => {
  let fleet: Fleet
  let closeFleet = async (): Promise<void> => {}
  let server: RunningFlotilla
  let api: ApiClient
  let admin: (...args: string[]) => Promise<Ran>
  let database: CountingDatabase
  let there: ShopInMembers
  let dir: string
  let author: KubectlPerson
  let approver: KubectlPerson
  let onlooker: KubectlPerson
  let unfinished: string | undefined

  before(
    async () => {
      dir = await mkdtemp(path.join(tmpdir(), 'flotilla-releases-'))
      ;({ fleet, close: closeFleet } = await openReleaseFleet())
      database = await openCountingDatabase(fleet)
      await pushNextChart(fleet, '1.1.0')
      there = new ShopInMembers(fleet, project)
      // the page of staging is what an analysis opens
      const staging = addressOf(fleet, 'staging')
      server = await startFlotilla({ fleet, allowHosts: [staging], options: ['--insecure-host', staging] })
      api = await server.api()
      admin = await cliOf(server)
      await leaveClusters(api)
      await joinMembers(admin, fleet)
      for (const documents of tenancy(workspace, project))
        await until(async () => (await api.documents.apply({ body: { documents } })).failed === 0)
      const parts = { api, server, fleet }
      author = await makePerson(parts, `author-${suffix}`)
      approver = await makePerson(parts, `approver-${suffix}`)
      onlooker = await makePerson(parts, `onlooker-${suffix}`)
      for (const [person, role] of [
        [author, 'admin'],
        [approver, 'operator'],
        [onlooker, 'viewer'],
      ] as const)
        await said(0, admin('member', 'add', person.name, role, '-n', project))
      await until(async () => {
        const found = await api.projects.get({ params: { project } })
        return found.targets.length === members.length && found.targets.every(({ state }) => state === 'Ready')
      })
    },
    { timeout: 400_000 },
  )
  after(
    async () => {
      const params = { project, application: 'shop' }
      await api?.applications.remove({ params, query: { objects: 'delete' } }).catch(() => 'never came to be')
      await until(async () => (await api.applications.list({ query: { q: project } })).total === 0, 60_000).catch(
        () => 'said by the tests',
      )
      await api?.kinds
        .remove({ params: { kind: 'Project', name: project }, query: { workspace, objects: 'delete' } })
        .catch(() => 'gone')
      await until(async () => (await api.projects.list()).items.every(({ name }) => name !== project), 60_000).catch(
        () => 'said by the tests',
      )
      await api?.kinds.remove({ params: { kind: 'Workspace', name: workspace }, query: {} }).catch(() => 'gone')
      for (const person of [author, approver, onlooker]) {
        if (person === undefined) continue
        await admin('delete', 'user', person.name)
        await rm(person.home, { recursive: true, force: true })
      }
      if (api !== undefined) await leaveClusters(api).catch(() => 'the clusters go')
      await server?.stop()
      await there?.close()
      await database?.close()
      await closeFleet()
      await rm(dir, { recursive: true, force: true })
    },
    { timeout: 300_000 },
  )

  /** What a command says, when it ends as it should. */
  const said = async (code: number, running: Promise<Ran>): Promise<string> => {
    const ran = await running
    assert.equal(ran.code, code, ran.output)
    return ran.output
  }
  const write = async (name: string, text: string): Promise<string> => {
    const file = path.join(dir, name)
    await writeFile(file, text)
    return file
  }
  const applied = async (name: string, text: string): Promise<string> =>
    said(0, author.flotilla('apply', '-f', await write(name, text)))
  const read = (rollout: string): Promise<RolloutDetail> => api.rollouts.get({ params: { project, rollout } })
  const runs = (): Promise<string> => database.query('SELECT count(*) FROM runs')
  const isAt = async (version: 'one' | 'two'): Promise<void> => {
    for (const [member, { message, paymentKey, images }] of Object.entries(await there.everywhere()))
      assert.deepEqual({ message, paymentKey, images }, wanted[version], member)
  }
  const shopIs = (version: ShopVersion): string =>
    shop({ project, registry: fleet.registry.address, database }, version)

  /** Each goes on from where the one before it ended. */
  const chapter = (name: string, tell: (t: TestContext) => Promise<void>): void => {
    test(name, async (t) => {
      assert.equal(unfinished, undefined, 'an earlier part did not come to its end')
      unfinished = name
      await tell(t)
      unfinished = undefined
    })
  }

  chapter('the first release takes v1 to all five clusters; before it nothing is in any', async () => {
    // roles are there a moment after they were given
    await until(async () => {
      await applied('shop.yaml', shopIs(one))
      return true
    }, 20_000)
    await applied('everywhere.yaml', everywhere(project))
    await wait(3_000)
    assert.equal((await there.look('staging')).message, undefined)
    const frozen = await said(0, author.flotilla('release', 'create', app, '--name', 'v1', '--freeze', '--wait'))
    assert.match(frozen, /is frozen: \+\d+ ~0 -0 objects in 5 targets/)
    const output = await said(
      0,
      author.flotilla('release', 'start', `${project}/v1`, '--plan', 'everywhere', '--watch'),
    )
    assert.match(output, /v1-1: Succeeded/)
    await isAt('one')
  })

  chapter(
    'v2 is a chart, an image, values and a secret; its difference shows all of it but what is secret',
    async () => {
      await applied('shop.yaml', shopIs(two))
      const chosen = ['--set', 'shop=1.1.0', '--image', 'shop/docker.io/shop/api=docker.io/shop/api:1.2.0']
      const why = ['--title', 'Stock on the shelves', '--ticket', 'SHOP-12']
      const drafted = await said(0, author.flotilla('release', 'create', app, '--name', 'v2', ...chosen, ...why))
      assert.match(drafted, /definition +1\.0\.0 +1\.1\.0/)
      await said(0, author.flotilla('release', 'freeze', `${project}/v2`, '--wait'))
      const difference = await said(0, approver.flotilla('release', 'diff', `${project}/v2`))
      for (const line of [
        '-  MESSAGE: Welcome to v1',
        '+  MESSAGE: Welcome to v2',
        'docker.io/shop/api:1.2.0',
        '(secret)',
      ])
        assert.ok(difference.includes(line), `${line} is not in\n${difference}`)
      for (const secret of [one.paymentKey, two.paymentKey, database.password]) {
        const forms = [secret, Buffer.from(secret).toString('base64')]
        assert.ok(!forms.some((form) => difference.includes(form)), 'a secret is shown')
      }
      // the edit alone changed nothing in any cluster
      await isAt('one')
    },
  )

  chapter('a test that fails pauses it and says why; what was wrong is mended, and it is tried again', async () => {
    await applied('staged.yaml', staged(project, database, await there.pageOf('staging')))
    await said(0, author.flotilla('plan', 'check', `${project}/staged`, '--release', 'v2'))
    const start = ['release', 'start', `${project}/v2`, '--plan', 'staged', '--watch', '--exit-on-pause']
    const paused = await said(3, author.flotilla(...start))
    assert.match(paused, /v2-1: Paused: StageFailed[\s\S]*stocked[\s\S]*division by zero/)
    const log = await said(0, author.flotilla('rollout', 'logs', `${project}/v2-1`, '--step', 'stocked'))
    assert.match(log, /division by zero/)
    assert.equal(await runs(), '1', 'the migration ran before staging changed')
    assert.equal((await there.look('canary')).message, one.message, 'nothing else has begun')

    await database.query("INSERT INTO stock VALUES ('Lantern', 12)")
    await said(0, author.flotilla('rollout', 'retry', `${project}/v2-1`, '--target', 'staging'))
    await until(async () => (await read('v2-1')).waitingFor?.includes('approval go') === true, longMs)
    assert.equal(await runs(), '1')
  })

  chapter('the canary waits for the approval of somebody else, and says since when', async () => {
    const shown = await said(0, author.flotilla('rollout', 'status', `${project}/v2-1`))
    assert.match(shown, /Waits for stage canary: approval go \(0 of 1\) by .*, not by its author since \d{4}-/)
    const refused = await onlooker.flotilla('approve', `${project}/v2`, '--yes')
    assert.match(refused.output, /auth\.forbidden/)
    assert.notEqual(refused.code, 0)
    // who wrote it is told that their yes counts for nothing
    const own = await author.flotilla('approve', `${project}/v2`, '--yes')
    assert.match(own.output, /approval\.void/)
    assert.notEqual(own.code, 0)
    await wait(5_000)
    const still = await read('v2-1')
    assert.match(still.waitingFor ?? '', /approval go \(0 of 1\)/)
    assert.equal((await there.look('canary')).message, one.message)

    const note = ['--note', 'Read the difference']
    await said(0, approver.flotilla('approve', `${project}/v2`, '--yes', ...note))
    const ended = await said(0, author.flotilla('rollout', 'status', `${project}/v2-1`, '--watch'))
    assert.match(ended, /v2-1: Succeeded/)
    await isAt('two')
  })

  chapter('where and history name the release and who approved it, and the migration ran once', async () => {
    assert.equal(await runs(), '1')
    const where = JSON.parse(await said(0, onlooker.flotilla('where', 'docker.io/shop/api:1.2.0', '-o', 'json'))) as {
      readonly items: readonly { readonly cluster: string; readonly release?: string; readonly project: string }[]
    }
    const here = where.items.filter((row) => row.project === project)
    assert.deepEqual(here.map(({ cluster }) => cluster).toSorted(), members.toSorted())
    assert.deepEqual(new Set(here.map(({ release }) => release)), new Set(['v2']))
    await until(async () => (await ranOf('v2')).length === members.length, 30_000)
    for (const { cluster, approvedBy, rollout } of await ranOf('v2')) {
      // staging had it before anybody was asked
      assert.deepEqual(approvedBy, cluster === 'staging' ? [] : [approver.name], cluster)
      assert.equal(rollout, 'v2-1')
    }
    const before = (await ranOf('v1')).filter(({ until: ended }) => ended !== undefined)
    assert.equal(before.length, members.length, 'what ran before has ended')
  })
  const ranOf = async (release: string) => {
    const query = { project: [project], application: 'shop', component: 'shop', release }
    return (await api.history.list({ query })).items
  }

  chapter('the whole goes back with its configuration, runs no migration, and holds the application', async () => {
    const back = ['rollout', 'rollback', `${project}/v2-1`, '--reason', 'Orders are lost', '--watch']
    const output = await said(0, approver.flotilla(...back))
    assert.match(output, /RolledBack/)
    await isAt('one')
    assert.equal(await runs(), '1')
    const release = await api.releases.get({ params: { project, release: 'v2' } })
    assert.equal(release.phase, 'RolledBack')

    const start = ['release', 'start', `${project}/v2`, '--plan', 'staged']
    const held = await author.flotilla(...start)
    assert.notEqual(held.code, 0, held.output)
    assert.match(held.output, /on hold.*Orders are lost.*flotilla hold lift store-/)
    await said(0, approver.flotilla('hold', 'lift', app))
    await said(0, author.flotilla(...start))
  })

  chapter('killed in the middle of the rest it goes on, and does nothing twice', async (t) => {
    await until(async () => (await read('v2-2')).waitingFor?.includes('approval go') === true, longMs)
    await said(0, approver.flotilla('approve', `${project}/v2`, '--yes'))
    const begun = new Set(['Applying', 'WaitingHealth', 'Verifying', 'Soaking'])
    const rest = (detail: RolloutDetail) => detail.stages.find(({ name }) => name === 'rest')?.targets ?? []
    await until(async () => rest(await read('v2-2')).some(({ phase }) => begun.has(phase)), longMs, 100)
    await server.kill()
    await server.restart()
    const after = rest(await read('v2-2')).map(({ cluster, phase }) => `${cluster} ${phase}`)
    t.diagnostic(`it was killed at: ${after.join(', ')}`)
    assert.ok(
      after.some((text) => !text.endsWith('Succeeded')),
      'it was in the middle',
    )
    const ended = await said(0, author.flotilla('rollout', 'status', `${project}/v2-2`, '--watch'))
    assert.match(ended, /v2-2: Succeeded/)

    await isAt('two')
    assert.equal(await runs(), '1', 'the migration that ran is known')
    const once: Pick<ShopThere, 'helmRevisions' | 'replicaSets'> = { helmRevisions: [1, 2, 3, 4], replicaSets: 2 }
    for (const [member, { helmRevisions, replicaSets }] of Object.entries(await there.everywhere()))
      assert.deepEqual({ helmRevisions, replicaSets }, once, `v1, v2, v1 and v2 again, each once, in ${member}`)
    const perTarget = async () => {
      const query = { project: [project], application: 'shop', component: 'shop' }
      const { items } = await api.history.list({ query })
      return members.map((member) => items.filter(({ cluster }) => cluster === member).length)
    }
    await until(async () => (await perTarget()).every((count) => count === 4), 30_000).catch(async () => {
      assert.deepEqual(await perTarget(), [4, 4, 4, 4, 4], 'how often something else ran')
    })
  })
})
