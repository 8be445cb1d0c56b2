import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { FlotillaError } from '@flotilla/model'
import { until } from '../testing/until.ts'
import { applicationYaml, type HttpWorld, keyOf, openHttpWorld } from './testing/open-http-world.ts'

let world: HttpWorld
before(
  async () => {
    world = await openHttpWorld()
    const { admin, project, other } = world
    await admin.documents.apply({ body: { documents: applicationYaml('web'), project } })
    await admin.documents.apply({ body: { documents: applicationYaml('theirs'), project: other } })
    await until('what was written', async () =>
      (await admin.applications.list({ query: { project } })).items.find((row) => row.name === 'web'),
    )
  },
  { timeout: 300_000 },
)
after(() => world?.close(), { timeout: 120_000 })

describe('what a person sees', () => {
  let project = ''
  let other = ''
  before(() => {
    ;({ project, other } = world)
  })

  test('is what RBAC lets them list, in memory as on the API server', { timeout: 180_000 }, async () => {
    await until('the application of others', async () =>
      (await world.admin.applications.list({ query: { project: other } })).items.find((row) => row.name === 'theirs'),
    )
    for (const [client, sees] of [
      [world.dora, [true, false]],
      [world.admin, [true, true]],
    ] as const)
      for (const [at, of] of [project, other].entries()) {
        const rows = await client.applications.list({ query: { project: of } })
        const live = await client.kinds.list({ params: { kind: 'Application' }, query: { project: of } }).then(
          () => true,
          () => false,
        )
        assert.equal(rows.total > 0, live, of)
        assert.equal(live, sees[at])
      }
  })

  test('is what a review says of them, in the host and in a member', { timeout: 120_000 }, async () => {
    const { admin, dora } = world
    const questions = [
      { verb: 'get', resource: 'applications' },
      { verb: 'create', resource: 'applications' },
      { verb: 'delete', resource: 'memberships' },
    ] as const
    const { person } = await dora.session.get()
    for (const at of [project, other]) {
      const own = await dora.access.check({ body: { questions: questions.map((one) => ({ ...one, project: at })) } })
      const review = await admin.access.review({ body: { user: person.name, project: at, questions: [...questions] } })
      assert.deepEqual(
        review.answers,
        own.answers.map(({ allowed }) => allowed),
      )
      assert.equal(review.answers[0], at === project)
    }
    const me = (await admin.session.get()).person.name
    const cluster = `member-${world.id}`
    const connection = { type: 'direct', server: 'https://10.0.0.1:6443', secretName: `cluster-${cluster}` }
    await world.make({
      apiVersion: 'flotilla.dev/v1alpha1',
      kind: 'Cluster',
      metadata: { name: cluster },
      spec: { connection },
    })
    const inMember = (user: string) =>
      admin.access.review({
        body: { user, cluster, questions: [{ verb: 'list', group: '', resource: 'pods' }] },
      })
    await until('the rights of an administrator there', async () => (await inMember(me)).answers[0] || undefined)
    assert.deepEqual((await inMember(person.name)).answers, [false])
  })

  test('ends within seconds of the right being taken away', { timeout: 120_000 }, async () => {
    await world.dora.applications.get({ params: { project, application: 'web' } })
    const key = keyOf(world.binding)
    const before = await world.hub.get(key)
    await world.hub.delete(key)
    const taken = Date.now()
    await until('the refusal', async () =>
      world.dora.applications.get({ params: { project, application: 'web' } }).then(
        () => undefined,
        (thrown: unknown) => (thrown instanceof FlotillaError && thrown.code === 'auth.forbidden' ? true : undefined),
      ),
    )
    assert.ok(Date.now() - taken < 15_000, 'took too long')
    const { resourceVersion: _version, uid: _uid, managedFields: _fields, ...metadata } = before.metadata
    await world.hub.create({ ...before, metadata })
    await until('the right', async () =>
      world.dora.applications.get({ params: { project, application: 'web' } }).catch(() => undefined),
    )
  })
})
