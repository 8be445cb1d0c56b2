import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type ApiClient, createApiClient } from '@flotilla/api'
import { buildImage, type Fleet, type LocalCluster, openTestFleet, pushAgent, pushServer } from '@flotilla/local'
import { startPostgres, type TestPostgres } from '../packages/server/src/store/testing/start-postgres.ts'
import { leaveClusters, prepareProject, until } from './support/prepare-project.ts'
import { freePort } from './support/start-flotilla.ts'
import { runProgram } from './support/run-program.ts'
import { writeTinyChart } from './support/tiny-chart.ts'

const charts = path.resolve(import.meta.dirname, '../charts')
const host = 'east'
const member = 'west'
const system = 'flotilla-system'
/** Milliseconds. A pod that is killed is led to for as long as its cluster takes to see that it is gone. */
const longestWait = 10_000
/** Who the pods of the product are. */
const nobody = 65_532
/** What Flotilla has in its host beside what lies in namespaces. */
const kept = 'validatingadmissionpolicies,validatingadmissionpolicybindings,clusterroles,clusterrolebindings,crd'

/** What docs/install.md has an administrator of the host run to leave for good. */
async function commandsToLeave(): Promise<string> {
  const text = await readFile(path.resolve(import.meta.dirname, '../docs/install.md'), 'utf8')
  const [, section = ''] = text.split('## To leave for good\n')
  const lines = section.split('\n').filter((line) => /^ {4}(?!flotilla )/.test(line))
  // the fleet's other tests have their own things in that namespace
  const [last, ...others] = lines.toReversed()
  assert.equal(last?.trim(), `kubectl delete namespace ${system}`)
  return others.toReversed().join('\n')
}

/** A second Flotilla in a cluster of the fleet, by plain helm; the member joins it by the agent's chart. */
describe('Flotilla installed by Helm', () => {
  const suffix = randomBytes(3).toString('hex')
  const image = `flotilla-test/install-${suffix}:1`
  let fleet: Fleet
  let dir = ''
  let values: string[]
  let url = ''
  let token = ''
  let api: ApiClient
  let postgres: TestPostgres | undefined
  let project: Awaited<ReturnType<typeof prepareProject>>
  /** What of such things the host has without Flotilla. */
  let bare = ''

  const clusterOf = (name: string): LocalCluster => {
    const found = fleet.clusters[name]
    assert.ok(found !== undefined)
    return found
  }
  const run = async (program: 'helm' | 'kubectl', cluster: string, ...args: string[]): Promise<string> => {
    const env = { KUBECONFIG: clusterOf(cluster).kubeconfigPath }
    const { code, output } = await runProgram(path.join(fleet.dir, 'bin', program), args, env, 150_000)
    assert.equal(code, 0, `${program} ${args.slice(0, 4).join(' ')}: ${output}`)
    return output.trim()
  }
  const waited = ['--wait', '--timeout', '2m']
  const helm = (...args: string[]) => run('helm', host, ...args, '-n', system)
  const install = (...more: string[]) =>
    helm(
      'upgrade',
      '--install',
      'flotilla',
      path.join(charts, 'flotilla'),
      ...values,
      ...more,
      '--create-namespace',
      ...waited,
    )
  const serverLog = () => run('kubectl', host, '-n', system, 'logs', 'deploy/flotilla', '--tail=200')
  const podOf = async (): Promise<{ uid: string; phase: string } | undefined> => {
    const namespace = ['-n', project.project]
    const listed = await run('kubectl', member, ...namespace, 'get', 'pods', '-l', 'app=tiny', '-o', 'json')
    const [pod] = (JSON.parse(listed) as { items: { metadata: { uid: string }; status: { phase: string } }[] }).items
    return pod === undefined ? undefined : { uid: pod.metadata.uid, phase: pod.status.phase }
  }

  before(
    async () => {
      fleet = await openTestFleet()
      dir = await mkdtemp(path.join(tmpdir(), 'flotilla-install-'))
      const data = path.join(dir, 'data')
      await mkdir(data)
      await chown(data, nobody, nobody)
      await removeTraces()
      bare = await namesInHost()
      const { address } = fleet.registry
      await pushServer(address, { onProgress: () => undefined })
      await pushAgent(address, { onProgress: () => undefined })
      const busybox = { path: '/bin/sh', content: await readFile('/bin/busybox'), mode: 0o755 }
      await fleet.registry.pushImage(image, buildImage([busybox]))
      const settings = {
        'persistence.kind': 'hostPath',
        'persistence.hostPath': data,
        'service.type': 'NodePort',
        'allow.insecureHosts[0]': address,
      }
      values = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`])
    },
    { timeout: 300_000 },
  )
  after(
    async () => {
      await run('helm', member, 'uninstall', 'flotilla-agent', '-n', system, '--ignore-not-found').catch(() => 'gone')
      await helm('uninstall', 'flotilla', '--ignore-not-found', '--wait').catch(() => 'gone')
      await removeTraces()
      await postgres?.close()
      await rm(dir, { recursive: true, force: true })
    },
    { timeout: 180_000 },
  )

  /** As docs/install.md says how to leave for good; also after a run that ended in the middle. */
  async function removeTraces(): Promise<void> {
    const kubectl = (cluster: string, ...args: string[]) => run('kubectl', cluster, ...args).catch(() => '')
    const bin = path.join(fleet.dir, 'bin')
    const env = { KUBECONFIG: clusterOf(host).kubeconfigPath, PATH: `${bin}:${process.env['PATH'] ?? ''}` }
    const { code, output } = await runProgram('sh', ['-euc', await commandsToLeave()], env, 120_000)
    assert.equal(code, 0, output)
    const ours = [
      'secret/flotilla-database',
      'secret/flotilla-store-keys',
      'secret/flotilla-first-password',
      'configmap/flotilla-audit-anchors',
      'configmap/flotilla-platform',
      'secret/flotilla-server-tls',
      `secret/agent-${member}`,
      'lease/flotilla-server',
    ]
    await kubectl(host, '-n', system, 'delete', '--ignore-not-found', ...ours)
    if (project === undefined) return
    await kubectl(member, 'delete', 'namespace', project.project, '--ignore-not-found', '--wait=false')
  }

  const namesInHost = () => run('kubectl', host, 'get', kept, '-o', 'name')

  test('is there after one command, and answers at its Service', { timeout: 180_000 }, async () => {
    const said = await install()
    assert.match(said, /--show-first-password/)
    const ports = await run(
      'kubectl',
      host,
      '-n',
      system,
      'get',
      'service',
      'flotilla',
      '-o',
      'jsonpath={range .spec.ports[*]}{.name}={.nodePort} {end}',
    )
    const port = (name: string) => new RegExp(`${name}=(\\d+)`).exec(ports)?.[1] ?? ''
    const { hostname } = new URL(clusterOf(host).server)
    url = `http://${hostname}:${port('http')}`
    // so that they stay the same
    for (const name of ['http', 'https']) values.push('--set', `service.nodePorts.${name}=${port(name)}`)
    values.push('--set', `publicUrl=https://${hostname}:${port('https')}`)
    await helm('test', 'flotilla', '--timeout', '1m')
  })

  test('shows the first password once, and lets its administrator in', { timeout: 60_000 }, async () => {
    const show = [
      '-n',
      system,
      'exec',
      'deploy/flotilla',
      '--',
      'flotilla',
      'serve',
      '--data',
      '/var/lib/flotilla/data',
      '--show-first-password',
    ]
    const password = await run('kubectl', host, ...show)
    assert.match(password, /^\S{16,}$/)
    await assert.rejects(run('kubectl', host, ...show), /shown before/)
    assert.ok(!(await serverLog()).includes(password), 'the password is in the log')
    const body = { username: 'admin', password, kind: 'cli' } as const
    token = (await createApiClient({ baseUrl: url }).session.signIn({ body })).token ?? ''
    api = createApiClient({ baseUrl: url, token })
    assert.equal((await api.clusters.list()).total, 0)
  })

  test('is upgraded in place: who was signed in still is', { timeout: 120_000 }, async () => {
    await install()
    await until(async () => (await api.session.get()).person.name === 'admin', 30_000)
  })

  test('takes a cluster in that joins by the chart of the agent', { timeout: 120_000 }, async () => {
    const { manifest = '' } = await api.agents.add({ body: { name: member, edge: false, form: 'values' } })
    const file = path.join(dir, 'agent.yaml')
    await writeFile(file, manifest)
    const chart = path.join(charts, 'flotilla-agent')
    await run(
      'helm',
      member,
      'install',
      'flotilla-agent',
      chart,
      '-n',
      system,
      '--create-namespace',
      '-f',
      file,
      ...waited,
    )
    const stateOf = async () => (await api.clusters.get({ params: { cluster: member } })).connection.state
    await until(async () => (await stateOf()) === 'connected', 60_000)
  })

  test('renders and delivers a chart there', { timeout: 120_000 }, async () => {
    assert.ok(token !== '', 'nobody is signed in')
    project = await prepareProject(api, [member])
    const chart = await fleet.registry.pushChart(await writeTinyChart(dir, `tiny-${suffix}`, `docker.io/${image}`))
    const at = chart.lastIndexOf(':')
    const oci = { url: chart.slice(0, at), version: chart.slice(at + 1) }
    const application = {
      apiVersion: 'flotilla.dev/v1alpha1',
      kind: 'Application',
      metadata: { name: 'tiny', namespace: `pj-${project.project}` },
      spec: { components: [{ name: 'main', helm: { chart: { oci } } }] },
    }
    await until(async () => {
      const applied = await api.documents.apply({ body: { documents: JSON.stringify(application) } })
      assert.equal(applied.failed, 0, JSON.stringify(applied))
      return true
    }, 30_000)
    await until(async () => (await podOf())?.phase === 'Running', 60_000)
  })

  test(
    'leaves what it delivered alone when it is uninstalled, and goes on when it is there again',
    { timeout: 180_000 },
    async () => {
      const before = await podOf()
      await helm('uninstall', 'flotilla', '--wait')
      assert.deepEqual(await podOf(), before)
      const kept = await run('kubectl', host, 'get', 'applications.flotilla.dev', '-A', '-o', 'name')
      assert.match(kept, /tiny/)
      await install()
      // the way to a Service that is new is there a moment after it
      await until(async () => (await api.session.get()).person.name === 'admin', 30_000)
      await until(
        async () => (await api.clusters.get({ params: { cluster: member } })).connection.state === 'connected',
        60_000,
      )
      assert.deepEqual(await podOf(), before)
      const params = { project: project.project, application: 'tiny' }
      await api.applications.remove({ params, query: { objects: 'delete' } })
      await project.remove()
      await until(async () => (await api.projects.list()).total === 0, 60_000)
      await leaveClusters(api)
    },
  )

  test(
    'runs twice on a PostgreSQL, and of one that is killed nothing is noticed but a reconnect',
    { timeout: 240_000 },
    async () => {
      await helm('uninstall', 'flotilla', '--wait')
      const [at = ''] = fleet.registry.address.split(':')
      // another database, as docs/replicas.md says
      await run('kubectl', host, '-n', system, 'delete', 'configmap', 'flotilla-audit-anchors')
      postgres = await startPostgres(await freePort(at), at)
      const secret = path.join(dir, 'database-url')
      await writeFile(secret, postgres.url, { mode: 0o600 })
      const kept = ['-n', system, 'secret', 'generic', 'flotilla-database']
      await run('kubectl', host, 'create', ...kept, `--from-file=url=${secret}`)
      await install('--set', 'replicas=2', '--set', 'database.urlSecret=flotilla-database')
      const show = ['exec', 'deploy/flotilla', '--', 'flotilla', 'serve', '--show-first-password']
      const from = ['--database-url-file', '/run/flotilla/database/url']
      let password = ''
      // the one that acts makes it, which is a moment after both answer
      await until(async () => {
        password = await run('kubectl', host, '-n', system, ...show, ...from).catch(() => '')
        return password !== ''
      }, 40_000)
      await assert.rejects(run('kubectl', host, '-n', system, ...show, ...from), /shown before/)
      const body = { username: 'admin', password, kind: 'cli' } as const
      const session = await createApiClient({ baseUrl: url }).session.signIn({ body })
      const shared = createApiClient({ baseUrl: url, token: session.token ?? '' })

      const label = ['-l', 'app.kubernetes.io/name=flotilla']
      const pods = async () =>
        (await run('kubectl', host, '-n', system, 'get', 'pods', ...label, '-o', 'name')).split('\n')
      const before = await pods()
      assert.equal(before.length, 2)
      for (const pod of before) {
        await run('kubectl', host, '-n', system, 'delete', pod, '--grace-period=0', '--force')
        let longest = 0
        for (const end = performance.now() + 5_000; performance.now() < end;) {
          const began = performance.now()
          // a connection that ended, or leads to a pod whose network is gone, is opened once more, as a browser does
          const asked = async () => (await shared.session.get({ signal: AbortSignal.timeout(2_000) })).person.name
          await until(async () => (await asked()) === 'admin', longestWait)
          longest = Math.max(longest, performance.now() - began)
        }
        assert.ok(longest < longestWait, `somebody waited for ${longest} ms`)
        await run('kubectl', host, '-n', system, 'rollout', 'status', 'deploy/flotilla', '--timeout=90s')
      }
      const head = await shared.audit.verify({})
      assert.equal(head.state, 'intact', JSON.stringify(head))
      api = shared
    },
  )

  test('leaves nothing in its host when it is left as its documents say', { timeout: 150_000 }, async () => {
    const last = `last-${suffix}`
    const kind = (name: string, metadata: object, spec: object) =>
      JSON.stringify({ apiVersion: 'flotilla.dev/v1alpha1', kind: name, metadata, spec })
    for (const document of [
      kind('Workspace', { name: last }, {}),
      kind('Project', { name: last, namespace: `ws-${last}` }, { targets: [{ clusters: {} }] }),
      kind('CustomRole', { name: last, namespace: system }, { grants: ['applications.see'] }),
      kind('CustomRole', { name: last, namespace: `pj-${last}` }, { grants: ['applications.see'] }),
    ])
      await until(async () => (await api.documents.apply({ body: { documents: document } })).failed === 0, 30_000)
    const kinds = ['workspaces', 'projects', 'customroles'].map((plural) => `${plural}.flotilla.dev`)
    const held = '{range .items[*]}{.metadata.finalizers}{"\\n"}{end}'
    await until(async () => {
      const found = await run('kubectl', host, 'get', kinds.join(), '-A', '-o', `jsonpath=${held}`)
      return found.match(/cleanup/g)?.length === 4 && (await namesInHost()).includes('platform-role:')
    }, 30_000)
    await helm('uninstall', 'flotilla', '--wait')
    await removeTraces()
    assert.equal(await namesInHost(), bare)
    assert.doesNotMatch(await run('kubectl', host, 'get', 'namespace', '-o', 'name'), new RegExp(last))
  })
})
