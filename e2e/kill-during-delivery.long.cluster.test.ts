import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Fleet, openTestFleet } from '@flotilla/local'
import { cliOf, joinClusters } from './support/flotilla-cli.ts'
import { type Ran, runProgram } from './support/run-program.ts'
import { type RunningFlotilla, startFlotilla } from './support/start-flotilla.ts'

const deliveries = 20
const chart = path.resolve(import.meta.dirname, '../examples/shop/chart')
/** While the server does one of these, a kill lands between two of its writes. */
const atWork = new Set(['DryRun', 'PreHooks', 'Applying', 'PostHooks', 'Pruning'])

const project = (name: string) => `apiVersion: flotilla.dev/v1alpha1
kind: Workspace
metadata: { name: ${name} }
spec: {}
---
apiVersion: flotilla.dev/v1alpha1
kind: Project
metadata: { name: ${name}, namespace: ws-${name} }
spec: { targets: [{ clusters: { names: [east, west] } }], podSecurity: privileged }
`

const application = (name: string, number: number) => `apiVersion: flotilla.dev/v1alpha1
kind: Application
metadata: { name: shop, namespace: pj-${name} }
spec:
  components:
    - name: shop
      helm: { chart: { path: ${JSON.stringify(chart)} } }
      values:
        message: delivery ${number}
        web: { replicas: 1 }
        migration: { recordHostPath: /var/log/hooks/${name}, sleep: 1s }
`

describe('kill -9 of the server in the middle of a delivery', () => {
  const name = `kill-${randomBytes(3).toString('hex')}`
  let fleet: Fleet
  let server: RunningFlotilla
  let flotilla: (...args: string[]) => Promise<Ran>
  let joined: readonly string[] = []

  const kubectl = (cluster: string, ...args: string[]) =>
    runProgram(path.join(fleet.dir, 'bin/kubectl'), [
      '--kubeconfig',
      fleet.kubeconfigPath,
      '--context',
      cluster,
      ...args,
    ])
  const must = async (run: Promise<Ran>): Promise<string> => {
    const { code, output } = await run
    assert.equal(code, 0, output)
    return output
  }
  const readPhases = async (): Promise<string[]> => {
    const { output } = await kubectl(
      'hub',
      '-n',
      `pj-${name}`,
      'get',
      'deliveries',
      '-o',
      'jsonpath={.items[*].status.phase}',
    )
    return output.split(' ').filter((word) => word !== '')
  }

  before(async () => {
    fleet = await openTestFleet()
    server = await startFlotilla({ fleet })
    flotilla = await cliOf(server)
    joined = await joinClusters(flotilla, fleet, ['east', 'west'])
    for (const cluster of ['east', 'west']) {
      // the hook runs as nobody in particular
      const records = path.join(fleet.dir, 'clusters', cluster, 'var-log/hooks', name)
      await mkdir(records, { recursive: true })
      await chmod(records, 0o777)
    }
    await mkdir(path.join(server.dataDir, 'documents'))
    await writeFile(path.join(server.dataDir, 'documents/project.yaml'), project(name))
    await must(flotilla('apply', '-f', path.join(server.dataDir, 'documents/project.yaml')))
    await until(
      'the project has its namespace',
      async () => (await kubectl('hub', 'get', 'namespace', `pj-${name}`)).code === 0,
    )
  })
  after(async () => {
    await flotilla('delete', 'application', `${name}/shop`, '--objects', 'delete')
    await until(
      'the application is gone',
      async () => (await kubectl('hub', '-n', `pj-${name}`, 'get', 'application', 'shop')).code !== 0,
    )
    await flotilla('delete', 'project', name, '-w', name, '--objects', 'delete')
    await until(
      'the project is gone',
      async () => (await kubectl('hub', '-n', `ws-${name}`, 'get', 'project', name)).code !== 0,
    )
    await flotilla('delete', 'workspace', name)
    for (const cluster of joined) await flotilla('cluster', 'remove', cluster, '--objects', 'delete')
    await server.stop()
  })

  test(`${deliveries} deliveries with a kill in each all converge, and every hook ran once`, async (t) => {
    const landed: string[] = []
    const file = path.join(server.dataDir, 'documents/shop.yaml')
    for (let number = 1; number <= deliveries; number++) {
      await writeFile(file, application(name, number))
      await must(flotilla('apply', '-f', file))
      await until(
        `delivery ${number} is at work`,
        async () => (await readPhases()).some((phase) => atWork.has(phase)),
        50,
      )
      // every other kill comes a little later, so that they do not all land in the hook
      if (number % 2 === 0) await new Promise((resolve) => setTimeout(resolve, (number * 137) % 1500))
      await server.kill()
      landed.push((await readPhases()).find((phase) => atWork.has(phase)) ?? 'after')
      await server.restart()
      await must(flotilla('status', `${name}/shop`, '--wait', '3m'))
      for (const cluster of ['east', 'west']) {
        const said = await must(
          kubectl(cluster, '-n', name, 'get', 'configmap', 'shop-web', '-o', 'jsonpath={.data.MESSAGE}'),
        )
        assert.equal(said, `delivery ${number}`, `${cluster} after kill ${number}`)
      }
    }
    t.diagnostic(`kills landed in: ${landed.join(', ')}`)
    const during = landed.filter((phase) => phase !== 'after').length
    assert.ok(
      during >= deliveries * 0.75,
      `only ${during} of ${deliveries} kills landed during the work: ${landed.join(', ')}`,
    )

    for (const cluster of ['east', 'west']) {
      const runs = await readFile(path.join(fleet.dir, 'clusters', cluster, 'var-log/hooks', name, 'shop'), 'utf8')
      assert.equal(runs.trim().split('\n').length, deliveries, `runs of the hook in ${cluster}`)
      const objects = await must(
        kubectl(
          cluster,
          '-n',
          name,
          'get',
          'deployment,service,configmap',
          '-l',
          'flotilla.dev/delivery',
          '-o',
          'name',
        ),
      )
      const names = objects.trim().split('\n').toSorted()
      assert.deepEqual(names, [
        'configmap/shop-web',
        'deployment.apps/shop-api',
        'deployment.apps/shop-web',
        'service/shop-api',
        'service/shop-web',
      ])
    }
  })
})

async function until(what: string, ask: () => Promise<boolean>, everyMs = 300): Promise<void> {
  const deadline = Date.now() + 120_000
  while (Date.now() < deadline) {
    if (await ask()) return
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
  throw new Error(`not so within 120 s: ${what}`)
}
