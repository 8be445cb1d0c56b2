import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { randomBytes } from 'node:crypto'
import { readRenderedFrom, roles } from '@flotilla/reconcile'
import { openWorld } from './testing/open-world.ts'
import { until } from '../../testing/until.ts'

type World = Awaited<ReturnType<typeof openWorld>>

const { signal } = new AbortController()
const unique = (): string => randomBytes(3).toString('hex')
const templates = {
  'values.yaml': 'replicas: 1\ngreeting: hello\n',
  'templates/config.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  greeting: {{ .Values.greeting | quote }}\n  replicas: {{ .Values.replicas | quote }}\n  version: {{ .Capabilities.KubeVersion.Version }}\n',
}

describe('applications on a real host, rendered by the real worker', () => {
  let world: World
  before(async () => {
    world = await openWorld()
  })
  after(() => world.close())

  test('a chart becomes one Delivery per target, with what differs, and says when it is healthy', async () => {
    const name = `app-${unique()}`
    const oci = await world.pushChart(name, '1.0.0', templates)
    await world.writeApplication(name, {
      components: [{ name: 'web', helm: { chart: { oci } }, values: { replicas: 2 } }],
      overrides: [
        {
          name: 'staging',
          clusters: { selector: { matchLabels: { 'flotilla.dev/environment': 'staging' } } },
          values: { replicas: 5 },
        },
      ],
    })
    const staging = await until(
      'staging is wanted',
      async () => (await world.getDelivery(world.staging(name)))?.spec.desired,
    )
    const prod = await until('prod is wanted', async () => (await world.getDelivery(world.prod(name)))?.spec.desired)
    assert.deepEqual([prod.revision, staging.revision], [1, 1])
    assert.deepEqual([prod.components[0]?.ownOverrides, staging.components[0]?.ownOverrides], [0, 1])
    const set = await world.server.sets.get(staging.components[0]?.digest ?? '')
    assert.equal(set?.objects[0]?.metadata.namespace, `${world.projectName}-staging`)
    assert.deepEqual(set?.objects[0]?.['data'], { greeting: 'hello', replicas: '5', version: 'v1.36.3' })
    const revision = await world.server.store.revisions.latest((await world.getApplication(name)).metadata.uid ?? '')
    assert.equal(revision?.by, 'outside Flotilla (field manager alice)')
    assert.deepEqual(Object.keys(revision?.targets ?? {}), [
      `east/${world.projectName}`,
      `east/${world.projectName}-staging`,
    ])
    await world.deliver(world.prod(name))
    await world.deliver(world.staging(name))
    const { status } = await until('it is healthy', async () => {
      const application = await world.getApplication(name)
      return application.status?.conditions?.[0]?.status === 'True' ? application : undefined
    })
    assert.equal(status?.message, 'Healthy in all 2 targets')
    assert.deepEqual(status?.targets, { total: 2, current: 2, healthy: 2, unknown: 0 })
  })

  /** An application from a chart of these files, wanted in prod alone. */
  async function start(
    files: Record<string, string>,
    component: Record<string, unknown> = {},
    more: Record<string, unknown> = {},
  ) {
    const name = `app-${unique()}`
    const oci = await world.pushChart(name, '1.0.0', files)
    const spec = {
      components: [{ name: 'web', helm: { chart: { oci } }, ...component }],
      placement: { environments: ['prod'] },
      ...more,
    }
    await world.writeApplication(name, spec)
    return { name, oci, spec }
  }
  const wanted = async (name: string, revision = 1) =>
    until(`revision ${revision} is wanted`, async () => {
      const desired = (await world.getDelivery(world.prod(name)))?.spec.desired
      return desired?.revision === revision ? desired : undefined
    })
  const dataOf = async (digest: string | undefined) => (await world.server.sets.get(digest ?? ''))?.objects[0]?.['data']

  test('a started server finds what was rendered before: nothing is fetched, rendered or written again', async () => {
    const { name } = await start(templates)
    const before = await wanted(name)
    await world.deliver(world.prod(name))
    const restarted = async () => {
      const delivery = await world.getDelivery(world.prod(name))
      await world.restart()
      const { running, renderer } = world.server
      await until('it was looked at', async () => running.stats().worked > 0 && running.stats().depth === 0)
      await until('nothing is at work', async () => running.stats().active === 0)
      return { delivery, after: await world.getDelivery(world.prod(name)), renders: renderer.stats().renders }
    }
    // tests that run beside this one may define kinds in its cluster, and what a cluster serves is part of what is rendered
    const servedBy = (delivery: Awaited<ReturnType<World['getDelivery']>>) =>
      delivery === undefined ? undefined : readRenderedFrom(delivery)['web']?.capabilities
    let { delivery, after, renders } = await restarted()
    for (let again = 0; again < 3 && servedBy(delivery) !== servedBy(after); again++)
      ({ delivery, after, renders } = await restarted())
    assert.deepEqual(after?.spec.desired, before)
    assert.deepEqual(after, delivery)
    assert.equal(renders, 0)
  })

  test('an upgrade is rendered once, as an upgrade, and an applied one is not rendered anew', async () => {
    const release =
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: r\ndata:\n  release: "{{ .Release.IsUpgrade }} {{ .Release.Revision }} {{ .Values.a }}"\n'
    const { name, spec } = await start({ 'values.yaml': 'a: 1\n', 'templates/r.yaml': release })
    assert.deepEqual(await dataOf((await wanted(name)).components[0]?.digest), { release: 'false 1 1' })
    await world.deliver(world.prod(name))
    await world.writeApplication(name, { ...spec, components: [{ ...spec.components[0], values: { a: 2 } }] })
    assert.deepEqual(await dataOf((await wanted(name, 2)).components[0]?.digest), { release: 'true 2 2' })
    await world.deliver(world.prod(name))
    await until('it is healthy', async () => (await world.getApplication(name)).status?.health === 'Healthy')
    assert.equal((await world.getApplication(name)).status?.revision, 2)
  })

  test('a chart that draws lots draws once', async () => {
    const lots = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: l\ndata:\n  lot: {{ randAlphaNum 20 | quote }}\n'
    const { name } = await start({ 'templates/l.yaml': lots })
    const before = await wanted(name)
    const { status } = await until('the finding is said', async () => {
      const application = await world.getApplication(name)
      return application.status?.findings?.some(({ code }) => code === 'render.unstable') ? application : undefined
    })
    assert.equal(status?.revision, 1)
    await world.restart()
    await until('it was looked at', async () => world.server.running.stats().worked > 0)
    assert.deepEqual((await world.getDelivery(world.prod(name)))?.spec.desired, before)
  })

  test('values come from Secrets, follow them, and are shown to nobody', async () => {
    const secret = (password: string) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'values', namespace: world.namespace },
      stringData: { 'values.yaml': `greeting: ${password}\n` },
    })
    await world.host.apply(secret('hunter2-first'), { fieldManager: 'alice' })
    const { name } = await start(templates, { valuesFrom: [{ secretName: 'values' }] })
    assert.equal(
      Reflect.get((await dataOf((await wanted(name)).components[0]?.digest)) ?? {}, 'greeting'),
      'hunter2-first',
    )
    await world.host.apply(secret('hunter2-second'), { fieldManager: 'alice' })
    assert.equal(
      Reflect.get((await dataOf((await wanted(name, 2)).components[0]?.digest)) ?? {}, 'greeting'),
      'hunter2-second',
    )
    const application = await world.getApplication(name)
    const project = world.server.state.projects.list().find(({ metadata }) => metadata.name === world.projectName)
    assert.ok(project)
    const ask = { application, project, cluster: 'east', namespace: world.projectName, component: 'web', signal }
    const explained = await world.server.services.explain({ ...ask, path: 'greeting' })
    assert.deepEqual(
      explained.layers.map(({ layer, says, wins, value }) => ({ layer, says, wins, value })),
      [
        { layer: 'chart', says: true, wins: false, value: 'hello' },
        { layer: 'valuesFrom', says: true, wins: true, value: '(secret)' },
      ],
    )
    const edited = {
      ...application,
      spec: { ...application.spec, overrides: [{ name: 'more', required: false, values: { replicas: 7 } }] },
    }
    const by = { user: 'flotilla:user:test', groups: [] }
    const previewed = await world.server.services.preview({
      application: edited,
      project,
      cluster: undefined,
      against: 'wanted',
      by,
      signal,
    })
    assert.deepEqual(
      previewed.items.map(({ paths, change }) => ({ paths, change })),
      [{ paths: ['data.replicas'], change: 'changed' }],
    )
    assert.match(previewed.items[0]?.diff ?? '', /-  replicas: "1"\n\+  replicas: "7"/)
    assert.deepEqual(
      previewed.targets.map(({ change }) => change),
      ['changed'],
    )
    for (const said of [explained, previewed, application.status, await world.getDelivery(world.prod(name))])
      assert.ok(!/hunter2/.test(JSON.stringify(said)))
  })

  test('back to an earlier revision, by an operator: what moved since is pinned, and the history says so', async () => {
    const { name, oci } = await start(templates, {}, { pollSeconds: 10 })
    const first = await wanted(name)
    // the same tag, pushed again with other content
    await world.pushChart(name, '1.0.0', { ...templates, 'values.yaml': 'replicas: 3\ngreeting: hello\n' })
    assert.notEqual((await wanted(name, 2)).digest, first.digest)
    const before = await world.getApplication(name)
    const person = { user: 'flotilla:user:test', groups: ['operators'] }
    const rights = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'test', namespace: world.namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: roles.project.operator },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'operators' }],
    }
    await assert.rejects(world.server.services.revert({ application: before, revision: 1, by: person, signal }))
    await world.host.apply(rights, { fieldManager: 'alice' })
    const after = await until('rights are taken up', () =>
      world.server.services.revert({ application: before, revision: 1, by: person, signal }).catch(() => undefined),
    )
    assert.match(after.spec.components[0]?.helm?.chart.oci?.version ?? '', /^sha256:/)
    assert.equal(after.spec.components[0]?.helm?.chart.oci?.url, oci.url)
    assert.equal((await wanted(name, 3)).digest, first.digest)
    const [latest] = await world.server.services.listRevisions(before.metadata.uid ?? '', { limit: 1 })
    assert.match(latest?.reason ?? '', /^back to revision 1; web pinned to/)
  })

  test('a preview against what runs is a dry-run as the person', async () => {
    const { name } = await start(templates)
    await wanted(name)
    const place = { name: 'web', namespace: world.projectName }
    const running = { apiVersion: 'v1', kind: 'ConfigMap', metadata: place, data: { greeting: 'changed by hand' } }
    await world.member.create(running)
    const application = await world.getApplication(name)
    const project = world.server.state.projects.list().find(({ metadata }) => metadata.name === world.projectName)
    assert.ok(project)
    const by = { user: 'flotilla:user:test', groups: ['previewers'] }
    const ask = () =>
      world.server.services.preview({ application, project, cluster: 'east', against: 'live', by, signal })
    const refused = await ask()
    assert.deepEqual([refused.items.length, refused.findings[0]?.code], [0, 'kube.forbidden'])
    await world.member.create({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'previewers', namespace: world.projectName },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'previewers' }],
    })
    const { items } = await until('rights are taken up', async () => {
      const answer = await ask()
      return answer.items.length > 0 ? answer : undefined
    })
    assert.ok(items[0]?.paths.includes('data.greeting'))
    assert.match(items[0]?.diff ?? '', /-  greeting: changed by hand\n\+  greeting: hello/)
    const live = await world.member.get({ group: '', kind: 'ConfigMap', ...place })
    assert.deepEqual(live['data'], { greeting: 'changed by hand' })
  })

  test('a chart asks its own cluster, with the rights of the project', async () => {
    const lookup =
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: found\ndata:\n  own: {{ (lookup "v1" "ConfigMap" .Release.Namespace "kube-root-ca.crt").metadata.name | quote }}\n'
    const { name } = await start({ 'templates/found.yaml': lookup })
    assert.deepEqual(await dataOf((await wanted(name)).components[0]?.digest), { own: 'kube-root-ca.crt' })
    const foreign = await start({ 'templates/f.yaml': lookup.replace('.Release.Namespace', '"kube-system"') })
    const { status } = await until('it is refused', async () => {
      const application = await world.getApplication(foreign.name)
      return application.status?.findings?.some(({ severity }) => severity === 'Error') ? application : undefined
    })
    assert.match(status?.message ?? '', /looks up ConfigMap kube-root-ca.crt in kube-system/)
    assert.equal((await world.getDelivery(world.prod(foreign.name)))?.spec.desired, undefined)
  })

  test('a set that is gone is rendered again', async () => {
    const { name } = await start(templates)
    const digest = (await wanted(name)).components[0]?.digest ?? ''
    const renders = world.server.renderer.stats()
    world.server.applications.setMissing(digest)
    await until('it is rendered again', async () => {
      const now = world.server.renderer.stats()
      return now.renders + now.cacheHits > renders.renders + renders.cacheHits
    })
    assert.notEqual(await world.server.sets.get(digest), undefined)
  })

  test('a null in values deletes a default of the chart', async () => {
    const { name } = await start(templates, { values: { greeting: null } })
    assert.equal(Reflect.get((await dataOf((await wanted(name)).components[0]?.digest)) ?? {}, 'greeting'), null)
  })

  test('an application that is deleted takes its Deliveries with it', async () => {
    const { name } = await start(templates)
    await wanted(name)
    await world.host.delete({ group: 'flotilla.dev', kind: 'Application', namespace: world.namespace, name })
    await until(
      'it is gone',
      async () =>
        (await world.host.find({ group: 'flotilla.dev', kind: 'Application', namespace: world.namespace, name })) ===
        undefined,
    )
    assert.equal(await world.getDelivery(world.prod(name)), undefined)
  })
})
