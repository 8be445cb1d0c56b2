import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { annotations, apiVersion, group, known, personManager, platformGroup } from '@flotilla/model'
import { isWritten, reconcileApplication, type ApplicationDecision } from '@flotilla/reconcile'
import { executeApplication } from '../application/execute-application.ts'
import { noteEditor } from '../application/note-editor.ts'
import { createKills } from '../delivery/testing/create-kills.ts'
import { openTarget, type TestTarget } from '../delivery/testing/open-target.ts'
import { readField } from '../delivery/testing/read-field.ts'
import { until } from '../../testing/until.ts'
import { playReleases } from './testing/play-release.ts'

const { signal } = new AbortController()
const files = {
  'values.yaml': 'greeting: hello\npassword: hunter2-default\ntag: "1"\n',
  'templates/all.yaml': `apiVersion: v1
kind: ConfigMap
metadata: { name: "{{ .Release.Name }}-config" }
data: { greeting: {{ .Values.greeting | quote }} }
---
apiVersion: v1
kind: Secret
metadata: { name: "{{ .Release.Name }}-secret" }
stringData: { password: {{ .Values.password | quote }} }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: "{{ .Release.Name }}" }
spec:
  replicas: 0
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: "registry.example/web:{{ .Values.tag }}" }] }
`,
}

describe('releases on a real host, rendered by the real worker and delivered for real', () => {
  let target: TestTarget
  let play: ReturnType<typeof playReleases>
  const name = 'web'
  const prod = 'web.east'
  let staging = ''
  const image = (tag: string) => [{ name: 'web', images: { 'registry.example/web': `registry.example/web:${tag}` } }]
  let spec: Record<string, unknown> = {}
  const edit = async (values: Record<string, unknown>, more: Record<string, unknown> = {}) => {
    const [component] = spec['components'] as [Record<string, unknown>]
    spec = { ...spec, ...more, components: [{ ...component, values }] }
    // as somebody does through Flotilla, with every right
    const eve = target.host.as({ user: 'flotilla:user:eve', groups: [platformGroup('admin')] })
    const metadata = {
      name,
      namespace: target.namespace,
      annotations: { [annotations.changedBy]: 'flotilla:user:eve' },
    }
    await eve.apply({ apiVersion, kind: 'Application', metadata, spec }, { fieldManager: personManager, force: true })
  }
  /** As an operator does: no edit of theirs. */
  const pause = (paused: boolean) => {
    const ops = target.host.as({ user: 'flotilla:user:ops', groups: [platformGroup('admin')] })
    const key = { group, kind: 'Application', namespace: target.namespace, name }
    return ops.patch(key, { type: 'merge', body: { spec: { paused } } }, { fieldManager: 'operation' })
  }
  const said = (what: string, pattern: RegExp) =>
    until(
      what,
      async () => pattern.test((await play.getApplication(name)).status?.message ?? ''),
      60,
      async () => (await play.getApplication(name)).status?.message ?? '',
    )
  const imageIn = async (namespace: string) => {
    const found = await target.member().find({ group: 'apps', kind: 'Deployment', namespace, name: 'web' })
    const [container] = (readField(found, 'spec', 'template', 'spec', 'containers') ?? []) as { image?: string }[]
    return container?.image
  }
  const differenceOf = async (release: string, more?: { cluster: string; namespace?: string }) =>
    target.server.releases.difference({
      release: await play.getRelease(release),
      application: await play.getApplication(name),
      target: more,
      signal,
    })

  before(async () => {
    target = await openTarget({ staging: true })
    play = playReleases(target)
    staging = `web.east.${target.project}-staging`
    const { oci } = await target.pushChart('released', '1.0.0', files)
    spec = { components: [{ name: 'web', helm: { chart: { oci } } }], pollSeconds: 10 }
    await edit({})
    await play.settled(prod)
    await play.settled(staging)
    await edit({}, { mode: 'governed' })
    await said('it is governed', /it has what it had before its first release$/)
  })
  after(() => target.close())

  test('an edit waits for a release; a draft tells exactly what freezing it then keeps, and no secret', async () => {
    const before = await play.getDelivery(prod)
    await edit({ greeting: 'goodbye', password: 'hunter2-next' })
    await play.writeRelease('r1', name, image('2'))
    await play.waitFor('r1', 'is a draft', ({ phase }) => phase === 'Draft')
    const draft = await differenceOf('r1')
    assert.deepEqual(draft.targets, [
      {
        cluster: 'east',
        namespace: target.project,
        environment: 'prod',
        added: 0,
        changed: 3,
        removed: 0,
        change: 'changed',
      },
      {
        cluster: 'east',
        namespace: `${target.project}-staging`,
        environment: 'staging',
        added: 0,
        changed: 3,
        removed: 0,
        change: 'changed',
      },
    ])
    const at = new Date().toISOString()
    const live = await target.host.get({ group, kind: 'Application', namespace: target.namespace, name })
    await noteEditor(target.host, { before: live, by: 'flotilla:user:zoe', at }, signal)
    await pause(true)
    await pause(false)
    const frozen = await play.freeze('r1', name, image('2'))
    const difference = await differenceOf('r1')
    assert.deepEqual(difference.items, draft.items)
    assert.deepEqual(difference.targets, draft.targets)
    const first = await differenceOf('r1', { cluster: 'east', namespace: target.project })
    assert.deepEqual([first.items.length, first.targets.length], [3, 2])
    const told = JSON.stringify([draft, difference, await play.getRelease('r1')])
    assert.ok(!/hunter2|aHVudGVyMi/.test(told), 'no secret is told')
    const secret = difference.items.find(({ ref }) => ref.kind === 'Secret')
    assert.match(secret?.diff ?? '', /\(secret, differs\)/)
    assert.match(
      difference.items.find(({ ref }) => ref.kind === 'Deployment')?.diff ?? '',
      /\+.*registry\.example\/web:2/,
    )
    assert.deepEqual(frozen.authors, ['flotilla:user:ann', 'flotilla:user:eve', 'flotilla:user:zoe'])
    assert.deepEqual((await play.getDelivery(prod))?.spec, before?.spec, 'nothing went out')
    const version = await target.host.get({
      group,
      kind: 'ComponentVersion',
      namespace: target.namespace,
      name: frozen.componentVersions[0] ?? '',
    })
    assert.deepEqual(readField(version, 'spec', 'images'), { 'registry.example/web': 'registry.example/web:2' })
    await said('the application names it', /release r1 is frozen and can go out$/)
  })

  test('a frozen one never changes, whatever is edited, moved or asked with a plain client', async () => {
    const before = await play.getRelease('r1')
    await assert.rejects(play.patchRelease('r1', { components: image('9') }), { code: 'kube.invalid' })
    await assert.rejects(play.patchRelease('r1', { freeze: false }), { code: 'kube.invalid' })
    await assert.rejects(play.patchRelease('r1', { title: 'another' }), { code: 'kube.invalid' })
    await edit({ greeting: 'edited since', password: 'hunter2-next' })
    await said('it says so', /edited since release r1 was frozen$/)
    await edit({ greeting: 'goodbye', password: 'hunter2-next' })
    assert.deepEqual((await play.getRelease('r1')).status?.frozen, before.status?.frozen)
  })

  test('it goes out to the letter, and one with only another image differs in nothing else', async () => {
    await play.give('r1')
    await play.settled(prod)
    await play.settled(staging)
    assert.deepEqual(
      [await imageIn(target.project), await imageIn(`${target.project}-staging`)],
      ['registry.example/web:2', 'registry.example/web:2'],
    )
    await play.succeed('r1', name)
    await said('it is named', /^Healthy in all 2 targets; release r1 is active$/)
    const nothing = await play.freeze('r2', name)
    assert.deepEqual(
      nothing.targets.map(({ added, changed, removed }) => [added, changed, removed]),
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
    )
    const frozen = await play.freeze('r3', name, image('3'))
    assert.notEqual(frozen.digest, nothing.digest)
    assert.deepEqual((await play.document('r3')).choices, image('3'))
    const { items } = await target.server.releases.compare({
      before: await play.getRelease('r1'),
      after: await play.getRelease('r3'),
      target: undefined,
      signal,
    })
    const path = 'spec.template.spec.containers[name=web].image'
    assert.deepEqual(
      items.map(({ ref, paths }) => [ref.kind, paths]),
      [
        ['Deployment', [path]],
        ['Deployment', [path]],
      ],
    )
  })

  test('what staging runs now is a release for the others', async () => {
    await play.give('r3', ({ environment }) => environment === 'staging')
    const delivery = await play.settled(staging)
    const choices = await target.server.releases.runningVersions(delivery)
    assert.deepEqual(choices[0]?.images, { 'registry.example/web': 'registry.example/web:3' })
    assert.match(choices[0]?.version ?? '', /^sha256:/)
    await play.freeze('r4', name, choices)
    const { targets } = await differenceOf('r4')
    assert.deepEqual(
      targets.map(({ change, changed }) => [change, changed]),
      [
        ['changed', 1],
        ['unchanged', 0],
      ],
    )
  })

  test('a sync repairs what a person changed, and brings nothing of an edit', async () => {
    await edit({ greeting: 'not yet', password: 'hunter2-next' }, { driftPolicy: 'Report' })
    await until('the policy is there', async () => (await play.getDelivery(prod))?.spec.driftPolicy === 'Report')
    const before = await play.getDelivery(prod)
    const key = { group: '', kind: 'ConfigMap', namespace: target.project, name: 'web-config' }
    await target
      .member()
      .patch(key, { type: 'merge', body: { data: { greeting: 'by hand' } } }, { fieldManager: 'bob' })
    await target.sync(name)
    const greeting = async () => readField(await target.member().find(key), 'data', 'greeting')
    await until(
      'it is repaired',
      async () => (await greeting()) === 'goodbye',
      60,
      async () => String(await greeting()),
    )
    assert.deepEqual((await play.settled(prod)).spec.desired, before?.spec.desired)
    await edit({ greeting: 'goodbye', password: 'hunter2-next' }, { driftPolicy: 'Repair' })
    await until('the policy is back', async () => (await play.getDelivery(prod))?.spec.driftPolicy === 'Repair')
  })

  test('a copy of a Delivery that is out of date never puts back what was wanted before', async () => {
    const stale = await play.settled(prod)
    await play.give('r4', ({ environment }) => environment === 'prod')
    const newer = await play.settled(prod)
    assert.notEqual(newer.spec.desired?.digest, stale.spec.desired?.digest)
    const application = await play.getApplication(name)
    const object = { ...application, spec: { ...application.spec, paused: true } }
    const decision = decideOn(object, stale)
    assert.ok(decision.objects.known && decision.objects.value.some((one) => !isWritten(one, stale)), 'it would write')
    const { host, applications } = target.server
    const { revisions } = applications.shared
    const deps = { host, revisions, now: () => new Date().toISOString() }
    await assert.rejects(executeApplication(deps, object, decision, known([stale]), signal), { code: 'kube.conflict' })
    assert.deepEqual((await play.getDelivery(prod))?.spec, newer.spec)
  })

  /** What the Application controller decides with one Delivery as it was. */
  function decideOn(
    object: Parameters<typeof reconcileApplication>[0]['object'],
    delivery: NonNullable<Awaited<ReturnType<typeof play.getDelivery>>>,
  ): ApplicationDecision {
    const project = target.server.state.projects.list().find(({ metadata }) => metadata.name === target.project)
    const observed = {
      project: known(project),
      clusters: known([]),
      sources: {},
      rendered: {},
      deliveries: known([delivery]),
      latest: known(undefined),
      siblings: known({ applications: {}, deliveries: [] }),
      releases: known([]),
    }
    return reconcileApplication({ object, observed, now: new Date().toISOString() })
  }

  test('a target that left is emptied by the next release and goes', async () => {
    await edit({ greeting: 'goodbye', password: 'hunter2-next' }, { placement: { environments: ['prod'] } })
    await until('it is said', async () => {
      const { status } = await play.getApplication(name)
      return status?.findings?.some(({ code }) => code === 'application.target_leaves')
    })
    const { targets } = await play.freeze('r5', name)
    assert.deepEqual(
      targets.map(({ environment, removed }) => [environment, removed]),
      [
        ['prod', 0],
        ['staging', 3],
      ],
    )
    assert.notEqual(await play.getDelivery(staging), undefined)
    await play.give('r5')
    const left = async () => JSON.stringify(await play.getDelivery(staging))
    await until('it has gone', async () => (await play.getDelivery(staging)) === undefined, 60, left)
    assert.equal(await imageIn(`${target.project}-staging`), undefined)
    await play.settled(prod)
    // it builds on the active release: one that went out in part chooses for nobody
    assert.equal(await imageIn(target.project), 'registry.example/web:2')
  })

  test('one that cannot be rendered stays a draft and says why, until the application is mended', async () => {
    await edit({ greeting: 'goodbye', password: 'x' }, { overrides: [{ name: 'bad', images: { web: '???' } }] })
    await play.writeRelease('r6', name, [], true)
    const { findings, frozen } = await play.waitFor('r6', 'it failed', (status) => status.findings !== undefined)
    assert.deepEqual([findings?.[0]?.code, findings?.[0]?.severity, frozen], ['input.invalid', 'Error', undefined])
    await edit({ greeting: 'goodbye', password: 'x' }, { overrides: [] })
    await play.waitFor('r6', 'is frozen', ({ phase }) => phase === 'Frozen')
    const absent = await play.writeRelease('r7', name, [{ name: 'nothing', version: '1' }], true)
    assert.ok(absent)
    const refused = await play.waitFor('r7', 'it is refused', (status) => status.findings !== undefined)
    assert.equal(refused.findings?.[0]?.code, 'release.choice_refused')
  })

  test('a server that is killed between two writes freezes the same when it is back', async () => {
    const whole = await play.freeze('whole', name, image('4'))
    const kills = createKills(target)
    const digests = new Map<string, string>()
    await target.restart(async () => {
      const points = [
        'release-status-written',
        'release-document-stored',
        'release-version-written',
        'release-versions-written',
        'release-status-written:2',
      ]
      for (const [at, failpoint] of points.entries()) {
        const release = `killed-${at}`
        // another image makes another ComponentVersion, which is written again
        await play.writeRelease(release, name, image('4'), true)
        const frozen = () => play.waitFor(release, 'is frozen', ({ phase }) => phase === 'Frozen', 120)
        const never = wait(120_000, undefined, { ref: false })
        assert.equal(await kills.serve(failpoint, never), true, `the kill at ${failpoint} landed`)
        await kills.serve(undefined, frozen())
        digests.set(failpoint, (await play.getRelease(release)).status?.frozen?.digest ?? '')
      }
    })
    for (const [failpoint, digest] of digests) assert.equal(digest, whole.digest, failpoint)
    const { items } = await target.host.list({ group, kind: 'ComponentVersion' }, { namespace: target.namespace })
    assert.equal(new Set(items.map(({ metadata }) => metadata.name)).size, items.length)
    for (const release of ['killed-0', 'killed-4'])
      assert.deepEqual((await play.getRelease(release)).status?.frozen?.componentVersions, whole.componentVersions)
  })

  test('with the application all of its releases go, and nothing of them is left for one of the same name', async () => {
    const { host, namespace } = target
    await host.delete({ group, kind: 'Application', namespace, name })
    const kinds = ['Application', 'Release', 'Rollout', 'ComponentVersion']
    const left = async () => {
      const lists = await Promise.all(kinds.map((kind) => host.list({ group, kind }, { namespace })))
      return lists.flatMap(({ items }, at) => items.map(({ metadata }) => `${kinds[at]} ${metadata.name}`))
    }
    await until(
      'nothing is left',
      async () => (await left()).length === 0,
      60,
      async () => (await left()).join(', '),
    )
  })
})
