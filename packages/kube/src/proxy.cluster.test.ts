import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { WebSocket } from 'undici'
import { stringify } from 'yaml'
import type { KubeClient } from './kube-client.ts'
import { createFaultProxy } from './testing/fault-proxy.ts'
import { createProxyServer, type ProxyServer } from './testing/proxy-server.ts'
import { openRealCluster, type RealCluster } from './testing/real-cluster.ts'
import { until } from './testing/wait.ts'

/** exec, port-forward and watches of a real API server, through the proxy, with kubectl and with a WebSocket. */

let cluster: RealCluster
let proxy: ProxyServer
let dir: string
let namespace: string
let admin: KubeClient

before(async () => {
  cluster = await openRealCluster()
  namespace = cluster.namespace
  await cluster.client.create({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'tester', namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' },
    subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'flotilla:test' }],
  })
  admin = cluster.client.as({ user: 'flotilla:user:7', groups: ['flotilla:test'] })
  proxy = await createProxyServer(() => admin)
  dir = await mkdtemp(join(tmpdir(), 'kube-proxy-'))
  await writeFile(join(dir, 'kubeconfig'), kubeconfig(proxy.port))
  await cluster.runPod('shell', ['sh', '-c', 'while true; do echo hi | nc -l -p 8080; done'])
})
after(async () => {
  await proxy[Symbol.asyncDispose]()
  await rm(dir, { recursive: true })
  await cluster[Symbol.asyncDispose]()
})

function kubeconfig(port: number): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'x',
    contexts: [{ name: 'x', context: { cluster: 'x', user: 'x', namespace } }],
    clusters: [{ name: 'x', cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: 'x', user: {} }],
  })
}

interface Ran {
  code: number | null
  out: string
  error: string
}

function kubectl(
  args: readonly string[],
  options: { input?: string; spdy?: boolean; config?: string; shown?: { out: string } } = {},
): Promise<Ran> {
  const binary = join(dirname(cluster.kubeconfigPath), '..', '..', 'bin', 'kubectl')
  const websockets = options.spdy === true ? 'false' : 'true'
  const child = spawn(binary, args, {
    env: {
      PATH: process.env['PATH'],
      HOME: dir,
      KUBECONFIG: options.config ?? join(dir, 'kubeconfig'),
      KUBECTL_REMOTE_COMMAND_WEBSOCKETS: websockets,
      KUBECTL_PORT_FORWARD_WEBSOCKETS: websockets,
    },
    timeout: 90_000,
  })
  const ran: Ran = { code: null, out: '', error: '' }
  child.stdout.on('data', (chunk: Buffer) => {
    ran.out += chunk.toString()
    if (options.shown !== undefined) options.shown.out = ran.out
  })
  child.stderr.on('data', (chunk: Buffer) => (ran.error += chunk.toString()))
  child.stdin.end(options.input ?? '')
  return new Promise((resolve) => child.once('close', (code) => resolve({ ...ran, code })))
}

for (const protocol of ['WebSocket', 'SPDY'] as const) {
  const spdy = protocol === 'SPDY'
  describe(`kubectl over ${protocol}`, () => {
    test('exec carries input, output and the exit code', async () => {
      const echoed = await kubectl(['exec', '-i', 'shell', '--', 'cat'], {
        input: 'over the wire\n'.repeat(1000),
        spdy,
      })
      assert.equal(echoed.code, 0, echoed.error)
      assert.ok(echoed.out === 'over the wire\n'.repeat(1000), `${echoed.out.length} characters came back`)
      const failed = await kubectl(['exec', 'shell', '--', 'sh', '-c', 'echo bad >&2; exit 7'], { spdy })
      assert.equal(failed.code, 7)
      assert.match(failed.error, /bad/)
    })

    test('exec that is cut never ends with exit code 0', async () => {
      await using fault = await createFaultProxy(cluster.connection)
      const faulty = cluster.connect(fault.connection, { heartbeatMs: 0 })
      await using through = await createProxyServer(() => faulty)
      const config = join(dir, `cut-${protocol}`)
      await writeFile(config, kubeconfig(through.port))
      const shown = { out: '' }
      const running = kubectl(['exec', 'shell', '--', 'sh', '-c', 'echo begun; sleep 60'], { spdy, config, shown })
      await until(() => shown.out.includes('begun'), 'it runs', 60_000)
      fault.cutAll()
      const { code, error } = await running
      assert.equal(code, 1, error)
      assert.match(error, /ended the connection before the command did|was lost/)
      await until(() => through.outcomes.some(({ status }) => status === 101), 'the proxy noticed')
    })
  })
}

test('get, logs and watch of kubectl pass', async () => {
  const got = await kubectl(['get', 'pod', 'shell', '-o', 'name'])
  assert.equal(got.out, 'pod/shell\n', got.error)
  const watched = kubectl(['get', 'configmap', '--watch', '--request-timeout=3s', '-o', 'name'])
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  const metadata = { name: 'watched', namespace }
  await cluster.client.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata })
  assert.match((await watched).out, /configmap\/watched/)
  assert.equal((await kubectl(['logs', 'shell'])).code, 0)
})

test('rights are those of the view, not of the connection', async () => {
  const { code, error } = await kubectl(['get', 'nodes'])
  assert.equal(code, 1)
  assert.match(error, /User "flotilla:user:7" cannot list resource "nodes"/)
  const impersonating = await kubectl(['get', 'nodes', '--as=system:admin', '--as-group=system:masters'])
  assert.match(impersonating.error, /User "flotilla:user:7" cannot list resource "nodes"/)
})

test('exec by WebSocket speaks v5.channel.k8s.io to the end', async () => {
  const query = 'container=main&stdin=true&stdout=true&stderr=true&command=cat'
  const url = `ws://127.0.0.1:${proxy.port}/api/v1/namespaces/${namespace}/pods/shell/exec?${query}`
  const socket = new WebSocket(url, ['v5.channel.k8s.io', 'v4.channel.k8s.io'])
  socket.binaryType = 'arraybuffer'
  const channels = new Map<number, string>()
  const closed = new Promise<number>((resolve) => socket.addEventListener('close', ({ code }) => resolve(code)))
  socket.addEventListener('message', ({ data }) => {
    const bytes = Buffer.from(data as ArrayBuffer)
    channels.set(bytes[0] ?? -1, (channels.get(bytes[0] ?? -1) ?? '') + bytes.subarray(1).toString())
  })
  await new Promise((resolve) => socket.addEventListener('open', resolve))
  assert.equal(socket.protocol, 'v5.channel.k8s.io')
  socket.send(Buffer.concat([Buffer.from([0]), Buffer.from('to and fro')]))
  await until(() => channels.get(1) === 'to and fro', 'it is echoed')
  // Only the fifth version can say that the input has ended.
  socket.send(Buffer.from([255, 0]))
  await until(() => channels.has(3), 'the exit status came')
  assert.equal((JSON.parse(channels.get(3) ?? '') as { status: string }).status, 'Success')
  assert.equal(await closed, 1000)
})

test('an exec that nobody may make is an answer, not a broken socket', async () => {
  await using stranger = await createProxyServer(() => cluster.client.as({ user: 'flotilla:user:9', groups: [] }))
  const path = `/api/v1/namespaces/${namespace}/pods/shell/exec?command=cat&stdout=true`
  const answer = await new Promise<string>((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${stranger.port}${path}`, ['v5.channel.k8s.io'])
    socket.addEventListener('error', () => resolve('refused'))
    socket.addEventListener('open', () => resolve('open'))
  })
  assert.equal(answer, 'refused')
  await until(() => stranger.outcomes.length === 1, 'it ended')
  assert.equal(stranger.outcomes[0]?.status, 403)
})
