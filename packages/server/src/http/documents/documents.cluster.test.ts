import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { projectNamespace } from '@flotilla/model'
import { applicationYaml, type HttpWorld, openHttpWorld } from '../testing/open-http-world.ts'

let world: HttpWorld
before(
  async () => {
    world = await openHttpWorld()
  },
  { timeout: 300_000 },
)
after(() => world?.close(), { timeout: 120_000 })

describe('documents', () => {
  let project = ''
  let other = ''
  before(() => {
    ;({ project, other } = world)
  })

  test('are written as the person: made, changed, unchanged', { timeout: 120_000 }, async () => {
    const apply = async (documents: string) =>
      (await world.dora.documents.apply({ body: { documents, project } })).items
    assert.deepEqual(
      (await apply(applicationYaml('web'))).map((item) => item.outcome),
      ['created'],
    )
    assert.deepEqual(
      (await apply(applicationYaml('web'))).map((item) => item.outcome),
      ['unchanged'],
    )
    assert.deepEqual(
      (await apply(applicationYaml('web', '  paused: true\n'))).map((item) => item.outcome),
      ['changed'],
    )
    const live = await world.hub.get({
      group: 'flotilla.dev',
      kind: 'Application',
      name: 'web',
      namespace: projectNamespace(project),
    })
    assert.match(live.metadata.annotations?.['flotilla.dev/changed-by'] ?? '', /^flotilla:user:/)
  })

  test(
    'with an unknown field are refused with its path, and the others are written',
    { timeout: 120_000 },
    async () => {
      const documents = `${applicationYaml('typo', '  pausd: true\n')}---\n${applicationYaml('fine')}`
      const { items, failed } = await world.dora.documents.apply({ body: { documents, project } })
      assert.equal(failed, 1)
      assert.match(items[0]?.error?.message ?? '', /pausd/)
      assert.equal(items[1]?.outcome, 'created')
    },
  )

  test('of a dry run are checked and not kept', { timeout: 120_000 }, async () => {
    const { items } = await world.dora.documents.apply({
      body: { documents: applicationYaml('dry'), project, dryRun: true },
    })
    assert.equal(items[0]?.outcome, 'created')
    await assert.rejects(world.dora.kinds.get({ params: { kind: 'Application', name: 'dry' }, query: { project } }), {
      code: 'kube.not_found',
    })
  })

  test('of an editor conflict when somebody else was first', { timeout: 120_000 }, async () => {
    await world.dora.documents.apply({ body: { documents: applicationYaml('edit'), project } })
    const read = await world.dora.kinds.get({ params: { kind: 'fapp', name: 'edit' }, query: { project } })
    await world.dora.documents.apply({ body: { documents: applicationYaml('edit', '  paused: true\n'), project } })
    const body = { documents: JSON.stringify(read), project, mode: 'replace' as const }
    const { items } = await world.dora.documents.apply({ body })
    assert.equal(items[0]?.error?.code, 'kube.conflict')
  })

  test('for a project of others are refused by the API server', { timeout: 120_000 }, async () => {
    const { items } = await world.dora.documents.apply({ body: { documents: applicationYaml('web'), project: other } })
    assert.equal(items[0]?.error?.code, 'kube.forbidden')
    const { items: written } = await world.admin.documents.apply({
      body: { documents: applicationYaml('theirs'), project: other },
    })
    assert.equal(written[0]?.outcome, 'created')
  })
})
