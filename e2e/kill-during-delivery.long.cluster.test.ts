import assert from 'node:assert/strict'
import { chmod, mkdir, readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { ApiClient } from '@flotilla/api'
import { createKubeClient, createWatch, type KubeClient } from '@flotilla/kube'
import { type Fleet, openTestFleet } from '@flotilla/local'
import { type Delivery, group, type KubeObject, labels, projectNamespace } from '@flotilla/model'
import { cliOf, joinClusters } from './support/flotilla-cli.ts'
import { leaveClusters, prepareProject, until } from './support/prepare-project.ts'
import { type RunningFlotilla, startFlotilla } from './support/start-flotilla.ts'
import { connectionOf } from '../packages/kube/src/testing/connection-of.ts'

const kills = 20
/** Deliveries at most, until so many kills have landed. */
const mostDeliveries = 40
/** One is enough, and it may be the host itself: what is killed is the server. */
const members = ['east'] as const
/** While a Delivery says one of these, the server applies or runs a hook; what takes under a second still says DryRun. */
const atWork = new Set(['DryRun', 'PreHooks', 'Applying', 'PostHooks'])

/** The deliveries go round over so many applications: the next begins while those before it go on. */
const applications = 4
/** Every other one has no hook: a kill in it lands while objects are applied. */
const hasHook = (number: number): boolean => number % 2 === 1
const nameOf = (number: number): string => `shop-${number % applications}`

/** No pods but those of the hook: what is killed is the server. */
const application = (options: { chart: string; project: string; number: number }) => `apiVersion: flotilla.dev/v1alpha1
kind: Application
metadata: { name: ${nameOf(options.number)} }
spec:
  components:
    - name: ${nameOf(options.number)}
      helm: { chart: { oci: { url: "oci://${options.chart}", version: 1.0.0 } } }
      values:
        web: { replicas: 0 }
        api: { replicas: 0 }
        migration: { enabled: ${hasHook(options.number)}, recordHostPath: /var/log/hooks/${options.project}, sleep: 1s }
  overrides:
    - name: number
      patches:
        - target: { kind: ConfigMap, name: ${nameOf(options.number)}-web }
          operations: [{ op: add, path: /data/NUMBER, value: "${options.number}" }]
`

describe('kill -9 of the server in the middle of a delivery', { timeout: 900_000 }, () => {
  let fleet: Fleet
  let server: RunningFlotilla
  let api: ApiClient
  let project = ''
  let removeProject = async () => {}
  let hub: KubeClient
  let east: KubeClient
  /** Where the host sees what the hooks wrote. */
  let records = ''

  before(async () => {
    fleet = await openTestFleet()
    const connect = (name: string): KubeClient => {
      const connection = connectionOf(fleet.clusters[name]?.kubeconfig)
      return createKubeClient({ name, connection, userAgent: 'flotilla-e2e' })
    }
    hub = connect('hub')
    east = connect('east')
    server = await startFlotilla({ fleet })
    api = await server.api()
    await joinClusters(await cliOf(server), fleet, members)
    // the hook counts its runs in a folder of the node
    ;({ project, remove: removeProject } = await prepareProject(api, members, 'privileged'))
    records = path.join(fleet.dir, 'clusters', fleet.clusters['east']?.name ?? '', 'var-log/hooks', project)
    await mkdir(records, { recursive: true })
    // the hook runs as nobody in particular
    await chmod(records, 0o777)
  })
  after(async () => {
    const { items } = await api.applications.list({ query: { q: project } })
    const remove = (application: string) =>
      api.applications.remove({ params: { project, application }, query: { objects: 'delete' } })
    await Promise.all(items.map(({ name }) => remove(name)))
    await until(async () => (await api.applications.list({ query: { q: project } })).total === 0)
    await removeProject()
    await leaveClusters(api)
    await server.stop()
    await Promise.all([hub.close(), east.close()])
  })

  const readDeliveries = async (number?: number): Promise<Delivery[]> => {
    const { items } = await hub.list({ group, kind: 'Delivery' }, { namespace: projectNamespace(project) })
    const deliveries = items as unknown as Delivery[]
    return number === undefined ? deliveries : deliveries.filter((one) => one.spec.application.name === nameOf(number))
  }
  /** Says when a Delivery of this application is at work, in the moment that it is. */
  const watchWork = (number: number) => {
    const begun = Promise.withResolvers<void>()
    const watch = createWatch({
      client: hub,
      kind: { group, kind: 'Delivery' },
      namespace: projectNamespace(project),
      onEvent: ({ object }) => {
        const { spec, status } = object as unknown as Delivery
        if (spec.application.name === nameOf(number) && atWork.has(status?.phase ?? '')) begun.resolve()
      },
    })
    return {
      begun: async () => {
        const late = AbortSignal.timeout(60_000)
        late.addEventListener('abort', () => begun.reject(new Error('no delivery was begun within 60 s')))
        await begun.promise.finally(() => watch.close())
      },
    }
  }
  const isSettled = ({ spec, status }: Delivery): boolean =>
    spec.desired !== undefined &&
    status?.phase === 'Settled' &&
    status.applied?.digest === spec.desired.digest &&
    status.health === 'Healthy'

  /** Wants one more application and kills the server in its delivery. Says what its targets were at when it died. */
  const killIn = async (number: number): Promise<string[]> => {
    const chart = `${fleet.registry.address}/charts/shop`
    const documents = application({ chart, project, number })
    // what it was killed in some deliveries ago has come to its end, so that each hook is to run once
    await until(async () => (await readDeliveries(number)).every(isSettled), 120_000, 100)
    const work = watchWork(number)
    const answer = await api.documents.apply({ body: { documents, project } })
    assert.equal(answer.failed, 0, JSON.stringify(answer.items))
    await work.begun()
    // kills spread over the whole of the hook, from its first moment to its end, or over what is written without one
    await wait((number * 173) % (hasHook(number) ? 1200 : 200))
    await server.kill()
    return (await readDeliveries(number)).map(({ status }) => status?.phase ?? '')
  }

  test(`${kills} kills while it applies or runs a hook: all converge, nothing is there twice, every hook ran once`, async (t) => {
    const landed: string[] = []
    let number = 0
    while (landed.length < kills && number < mostDeliveries) {
      const phases = await killIn(++number)
      const phase = phases.find((one) => atWork.has(one))
      if (phase !== undefined) landed.push(phase)
      // what it was at goes on beside the next delivery, and may be killed in once more
      await server.restart()
    }
    await until(async () => (await readDeliveries()).every(isSettled), 120_000, 200)
    t.diagnostic(`${landed.length} of ${number} kills landed in: ${landed.join(', ')}`)
    assert.equal(landed.length, kills)
    const during = new Set(landed)
    const inWrites = during.has('DryRun') || during.has('Applying')
    assert.ok(during.has('PreHooks') && inWrites, 'kills landed in hooks and while objects were applied')
    const numbers = Array.from({ length: number }, (_, at) => at + 1)
    const latest = numbers.slice(-applications)
    assert.equal((await readDeliveries()).length, latest.length)

    const ran: Record<string, number> = {}
    for (const file of await readdir(records))
      ran[file] = (await readFile(path.join(records, file), 'utf8')).trim().split('\n').length
    const wanted: Record<string, number> = {}
    for (const name of numbers.filter(hasHook).map(nameOf)) wanted[name] = (wanted[name] ?? 0) + 1
    assert.deepEqual(ran, wanted, 'runs of the hooks')

    const listOf = async (kind: string, kindGroup = ''): Promise<readonly KubeObject[]> =>
      (await east.list({ group: kindGroup, kind }, { namespace: project, labelSelector: labels.delivery })).items
    const namesOf = (found: readonly KubeObject[]): string[] => found.map(({ metadata }) => metadata.name).toSorted()
    const called = (...parts: readonly string[]): string[] =>
      latest.flatMap((one) => parts.map((part) => `${nameOf(one)}-${part}`)).toSorted()
    const pages = await listOf('ConfigMap')
    assert.deepEqual(namesOf(pages), called('web'))
    for (const one of latest) {
      const page = pages.find(({ metadata }) => metadata.name === `${nameOf(one)}-web`)
      assert.equal((page?.['data'] as { NUMBER?: string } | undefined)?.NUMBER, String(one))
    }
    assert.deepEqual(namesOf(await listOf('Deployment', 'apps')), called('api', 'web'))
    assert.deepEqual(namesOf(await listOf('Service')), called('api', 'web'))
  })
})
