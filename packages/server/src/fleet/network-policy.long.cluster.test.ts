import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { systemClock } from '@flotilla/kube'
import { pushAgent } from '@flotilla/local'
import {
  annotations,
  apiVersion,
  asFlotillaError,
  type Cluster,
  fieldManager,
  group,
  type KubeObject,
  networkProbeNamespace,
  type Project,
  projectGroup,
} from '@flotilla/model'
import { createKills } from '../delivery/delivery/testing/create-kills.ts'
import { openTarget, type TestTarget } from '../delivery/delivery/testing/open-target.ts'
import { enforcePolicies } from '../testing/enforce-policies.ts'
import { until } from '../testing/until.ts'
import { version } from '../version.ts'
import { measureNetwork } from './network/measure-network.ts'

const run = promisify(execFile)
const core = (kind: string) => ({ group: '', version: 'v1', kind })
const listen = "require('net').createServer((s)=>{s.on('error',()=>{});s.end('hello')}).listen(8080)"
const connect = `
const say = (word) => { console.log(word); process.exit(0) }
const socket = require('net').connect({ host: process.argv[1], port: 8080 })
socket.setTimeout(1500, () => say('blocked'))
socket.on('data', () => say('connected'))
socket.on('error', () => say('blocked'))
`

describe('the isolation of a project, in a real cluster', () => {
  let target: TestTarget
  let second: string
  let other: string
  let enforcing: Awaited<ReturnType<typeof enforcePolicies>> | undefined
  let web = ''

  const projectKey = (name = target.project) => ({ group, kind: 'Project', namespace: 'ws-retail', name })
  const writeProject = (spec: Record<string, unknown>) =>
    target.host.patch(projectKey(), { type: 'merge', body: { spec } })
  const targetsOf = (...names: string[]) => names.map((namespace) => ({ clusters: { names: ['east'] }, namespace }))
  const said = async () => {
    const { status } = await target.host.get<KubeObject & Project>(projectKey())
    return status?.targets?.find(({ namespace }) => namespace === target.project)?.network
  }
  const measured = async () =>
    (await target.host.get<KubeObject & Cluster>({ group, kind: 'Cluster', name: 'east' })).status?.networkPolicy
  const policyKey = () => ({
    group: 'networking.k8s.io',
    version: 'v1',
    kind: 'NetworkPolicy',
    namespace: target.project,
    name: 'flotilla',
  })
  const check = (wish: string) =>
    target.host.patch(
      { group, kind: 'Cluster', name: 'east' },
      { type: 'merge', body: { metadata: { annotations: { [annotations.networkCheck]: wish } } } },
    )
  const probeIsGone = () =>
    until(
      'nothing is left of the measurement',
      async () => (await target.member().find({ ...core('Namespace'), name: networkProbeNamespace })) === undefined,
    )
  /** Only while no server is there: it would take away what none of its own measurements made. */
  const measureByNothing = async () => {
    const verdict = await measureNetwork({
      client: target.member(),
      image: 'Flotilla/NONE:0',
      clock: systemClock,
      signal: AbortSignal.timeout(120_000),
    })
    assert.equal(verdict.state, 'Unknown')
    assert.match(verdict.message, /cannot be pulled.*--network-probe-image/s)
    await probeIsGone()
  }
  const startPod = async (namespace: string): Promise<string> => {
    const container = { name: 'main', image: `flotilla/agent:${version}`, command: ['node', '-e', listen] }
    const spec = { terminationGracePeriodSeconds: 1, containers: [container] }
    const key = { ...core('Pod'), namespace, name: 'web' }
    await target.member().create({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name: 'web' }, spec })
    return until(`a pod runs in ${namespace}`, async () => {
      const { status } = await target.member().get<KubeObject & { status?: { phase?: string; podIP?: string } }>(key)
      return status?.phase === 'Running' ? status.podIP : undefined
    })
  }
  /** What a pod of a namespace finds when it connects to the first project's. */
  const asks = async (namespace: string): Promise<string> => {
    const east = target.fleet.clusters['east']?.kubeconfigPath ?? ''
    const where = ['--kubeconfig', east, '-n', namespace, 'exec', 'web', '--']
    const { stdout } = await run(join(target.fleet.dir, 'bin', 'kubectl'), [...where, 'node', '-e', connect, web])
    return stdout.trim()
  }
  const answers = (namespace: string, word: string) =>
    until(`${namespace} is ${word}`, async () => (await asks(namespace)) === word, 20)

  before(async () => {
    target = await openTarget()
    await pushAgent(target.registry.address, { onProgress: () => undefined })
    second = `${target.project}-b`
    other = `${target.project}-other`
    await writeProject({ targets: targetsOf(target.project, second) })
    const spec = { targets: targetsOf(other) }
    const metadata = { name: other, namespace: 'ws-retail' }
    await target.host.apply({ apiVersion, kind: 'Project', metadata, spec }, { fieldManager })
    for (const name of [second, other])
      await until(`namespace ${name}`, () => target.member().find({ ...core('Namespace'), name }))
    const [ip] = await Promise.all([target.project, second, other].map(startPod))
    web = ip ?? ''
  })
  after(async () => {
    await enforcing?.stop()
    if (target === undefined) return
    for (const namespace of [target.project, second, other])
      await target.member().delete({ ...core('Pod'), namespace, name: 'web' }, { gracePeriodSeconds: 0 })
    await target.host.delete(projectKey(other))
    await until('the other project is gone', async () => (await target.host.find(projectKey(other))) === undefined)
    await target.close()
  })

  test('a network that does not enforce policies is found out and said, also when the server is killed while it measures', async (t) => {
    assert.equal(await asks(other), 'connected')
    assert.equal(await measured(), undefined, 'nothing is measured where nobody asks')
    await target.restart(async () => {
      await measureByNothing()
      await writeProject({ network: { isolation: 'Isolated' } })
      const late = AbortSignal.timeout(90_000)
      const never = new Promise<never>((_resolve, reject) =>
        late.addEventListener('abort', () => reject(new Error('it was not killed'))),
      )
      assert.ok(await createKills(target).serve('measure-network.Pod', never), 'it was killed after its first pod')
      const left = await target.member().get({ ...core('Namespace'), name: networkProbeNamespace })
      assert.equal(left.metadata.deletionTimestamp, undefined)
    })
    const began = Date.now()
    await until('it is measured', async () => (await measured())?.state === 'NotEnforced', 120, measured)
    t.diagnostic(`not enforced, known ${Date.now() - began} ms after the next server started`)
    await until('it is said', async () => (await said())?.state === 'NotEnforced', 60, said)
    assert.equal(await asks(other), 'connected', 'what is said is so')
    assert.ok(await target.member().find(policyKey()), 'the policy is there all the same')
    await probeIsGone()
  })

  test('where the kernel drops what policies do not allow (by a stand-in for a network plugin), it is found to be enforced and others are blocked', async (t) => {
    const east = target.fleet.clusters['east']
    assert.ok(east)
    enforcing = await enforcePolicies(east, target.member())
    await answers(other, 'blocked')
    const began = Date.now()
    await check('enforced')
    await until('it is measured', async () => (await measured())?.state === 'Enforced', 90, measured)
    t.diagnostic(`enforced, known after ${Date.now() - began} ms`)
    await until('it is said', async () => (await said())?.state === 'Isolated')
    assert.deepEqual([await asks(target.project), await asks(second)], ['connected', 'connected'], 'its own pods')
    await probeIsGone()
  })

  test('by that stand-in: a policy that a tenant deletes or widens is put back, and blocks again', async () => {
    const { metadata } = await target.host.get(projectKey())
    const admins = [projectGroup(metadata.uid ?? '', 'admin')]
    const admin = target.member().as({ user: 'flotilla:user:test-ada', groups: admins })
    const { metadata: before } = await target.member().get(policyKey())
    await admin.delete(policyKey())
    await until('it is made anew', async () => {
      const uid = (await target.member().find(policyKey()))?.metadata.uid
      return uid !== undefined && uid !== before.uid
    })
    await answers(other, 'blocked')
    const wide = { spec: { podSelector: { matchLabels: { nobody: 'has' } }, ingress: [{}] } }
    await admin.patch(policyKey(), { type: 'merge', body: wide })
    await until('it is put back', async () => {
      const { spec } = await target.member().get<KubeObject & { spec?: { podSelector?: unknown } }>(policyKey())
      return JSON.stringify(spec?.podSelector) === '{}'
    })
    await answers(other, 'blocked')
    const forbidden = await target.host
      .as({ user: 'flotilla:user:test-ada', groups: admins })
      .patch(projectKey(), { type: 'merge', body: { spec: { network: null } } })
      .then(
        () => 'it was taken',
        (thrown: unknown) => asFlotillaError(thrown).code,
      )
    assert.equal(forbidden, 'kube.forbidden', "the project's own people do not change what it is")
  })

  test('by that stand-in: whom the project names is let in, and everybody when it opens', async () => {
    await writeProject({ network: { isolation: 'Isolated', allowFrom: { workspace: true } } })
    await answers(other, 'connected')
    await writeProject({
      network: { isolation: 'Isolated', allowFrom: { namespaces: ['elsewhere'], workspace: null } },
    })
    await answers(other, 'blocked')
    await writeProject({ network: null })
    await until('the policy is gone', async () => (await target.member().find(policyKey())) === undefined)
    await answers(other, 'connected')
    await until('nothing is said of it', async () => (await said()) === undefined)
  })
})
