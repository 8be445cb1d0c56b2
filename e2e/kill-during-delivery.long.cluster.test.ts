import assert from 'node:assert/strict'
import { chmod, mkdir, readFile } from 'node:fs/promises'
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
const members = ['east', 'west'] as const
/** While the server does one of these, it applies or runs a hook. */
const atWork = new Set(['PreHooks', 'Applying', 'PostHooks'])

/** Every other delivery has no hook: a kill in it lands while objects are applied. */
const hasHook = (number: number): boolean => number % 2 === 1

const application = (options: { chart: string; project: string; number: number }) => `apiVersion: flotilla.dev/v1alpha1
kind: Application
metadata: { name: shop }
spec:
  components:
    - name: shop
      helm: { chart: { oci: { url: "oci://${options.chart}", version: 1.0.0 } } }
      values:
        web: { replicas: 1 }
        migration: { enabled: ${hasHook(options.number)}, recordHostPath: /var/log/hooks/${options.project}, sleep: 1s }
  overrides:
    - name: number
      patches:
        - target: { kind: ConfigMap, name: shop-web }
          operations: [{ op: add, path: /data/NUMBER, value: "${options.number}" }]
`

describe('kill -9 of the server in the middle of a delivery', { timeout: 900_000 }, () => {
  let fleet: Fleet
  let server: RunningFlotilla
  let api: ApiClient
  let project = ''
  let removeProject = async () => {}
  let hub: KubeClient
  const clients = new Map<string, KubeClient>()

  before(async () => {
    fleet = await openTestFleet()
    const connect = (name: string): KubeClient => {
      const connection = connectionOf(fleet.clusters[name]?.kubeconfig)
      return createKubeClient({ name, connection, userAgent: 'flotilla-e2e' })
    }
    hub = connect('hub')
    for (const name of members) clients.set(name, connect(name))
    server = await startFlotilla({ fleet })
    api = await server.api()
    await joinClusters(await cliOf(server), fleet, members)
    // the hook counts its runs in a folder of the node
    ;({ project, remove: removeProject } = await prepareProject(api, members, 'privileged'))
    for (const name of members) {
      // the hook runs as nobody in particular
      const records = path.join(fleet.dir, 'clusters', name, 'var-log/hooks', project)
      await mkdir(records, { recursive: true })
      await chmod(records, 0o777)
    }
  })
  after(async () => {
    await api.applications.remove({ params: { project, application: 'shop' }, query: { objects: 'delete' } })
    await until(async () => (await api.applications.list({ query: { q: project } })).total === 0)
    await removeProject()
    await leaveClusters(api)
    await server.stop()
    await Promise.all([hub, ...clients.values()].map((client) => client.close()))
  })

  const readDeliveries = async (): Promise<Delivery[]> => {
    const { items } = await hub.list({ group, kind: 'Delivery' }, { namespace: projectNamespace(project) })
    return items as unknown as Delivery[]
  }
  /** Says when a Delivery is at work, in the moment that it is. */
  const watchWork = () => {
    const begun = Promise.withResolvers<void>()
    const watch = createWatch({
      client: hub,
      kind: { group, kind: 'Delivery' },
      namespace: projectNamespace(project),
      onEvent: ({ object }) => {
        if (atWork.has((object as unknown as Delivery).status?.phase ?? '')) begun.resolve()
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
  const isSettled = ({ spec, status }: Delivery, number: number): boolean =>
    status?.phase === 'Settled' &&
    status.applied?.digest === spec.desired?.digest &&
    (spec.desired?.revision ?? 0) >= number &&
    status.health === 'Healthy'

  /** Wants one more delivery and kills the server in it. Says what every target was at when it died. */
  const killIn = async (number: number): Promise<string[]> => {
    const chart = `${fleet.registry.address}/charts/shop`
    const documents = application({ chart, project, number })
    const work = watchWork()
    const answer = await api.documents.apply({ body: { documents, project } })
    assert.equal(answer.failed, 0, JSON.stringify(answer.items))
    await work.begun()
    // kills spread over the whole of the hook, from its first moment to its end
    if (hasHook(number)) await wait((number * 173) % 1200)
    await server.kill()
    return (await readDeliveries()).map(({ status }) => status?.phase ?? '')
  }

  test(`${kills} kills while it applies or runs a hook: all converge, nothing is there twice, every hook ran once`, async (t) => {
    const landed: string[] = []
    let number = 0
    while (landed.length < kills && number < mostDeliveries) {
      const phases = await killIn(++number)
      const phase = phases.find((one) => atWork.has(one))
      if (phase !== undefined) landed.push(phase)
      await server.restart()
      const current = number
      await until(async () => (await readDeliveries()).every((delivery) => isSettled(delivery, current)), 120_000, 100)
      for (const [name, client] of clients) {
        const found = await client.get({ group: '', kind: 'ConfigMap', namespace: project, name: 'shop-web' })
        assert.equal((found['data'] as { NUMBER?: string }).NUMBER, String(current), `${name} after kill ${current}`)
      }
    }
    t.diagnostic(`${landed.length} of ${number} kills landed in: ${landed.join(', ')}`)
    assert.equal(landed.length, kills)
    const during = new Set(landed)
    assert.ok(during.has('PreHooks') && during.has('Applying'), 'kills landed in hooks and while objects were applied')
    const hooks = Array.from({ length: number }, (_, at) => at + 1).filter(hasHook).length

    for (const [name, client] of clients) {
      const record = path.join(fleet.dir, 'clusters', name, 'var-log/hooks', project, 'shop')
      const runs = (await readFile(record, 'utf8')).trim().split('\n')
      assert.equal(runs.length, hooks, `runs of the hook in ${name}`)
      const names: string[] = []
      for (const [kind, kindGroup] of [
        ['ConfigMap', ''],
        ['Deployment', 'apps'],
        ['Service', ''],
      ] as const) {
        const { items } = await client.list(
          { group: kindGroup, kind },
          { namespace: project, labelSelector: labels.delivery },
        )
        names.push(...items.map((object: KubeObject) => `${kind}/${object.metadata.name}`))
      }
      assert.deepEqual(names.toSorted(), [
        'ConfigMap/shop-web',
        'Deployment/shop-api',
        'Deployment/shop-web',
        'Service/shop-api',
        'Service/shop-web',
      ])
    }
  })
})
