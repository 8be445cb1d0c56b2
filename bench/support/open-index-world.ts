import { fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type ApiClient, createApiClient } from '@flotilla/api'
import { createKubeClient, type KubeClient } from '@flotilla/kube'
import { startFleet } from '@flotilla/local'
import type { KubeObject } from '@flotilla/model'
import { connectionOf } from '../../packages/kube/src/testing/connection-of.ts'
import { runProgram } from '../../e2e/support/run-program.ts'

export interface IndexServer {
  readonly api: ApiClient
  /** After a garbage collection; `longestTurnMs` is the longest time since the last call in which nothing else had a turn. */
  use(): Promise<{ heapUsed: number; external: number; rss: number; longestTurnMs: number }>
  stop(): void
}

/** One real API server with simulated nodes (kwok) and `pods` pods that run on paper, and the index over it under many names. */
export interface IndexWorld extends AsyncDisposable {
  readonly client: KubeClient
  readonly kubeconfigPath: string
  readonly kubectlPath: string
  readonly namespaces: readonly string[]
  readonly version: string
  startServer(identities: number): Promise<IndexServer>
}

const nodes = 20
const inParallel = 24
const namespaces = Array.from({ length: 10 }, (_, at) => `team-${at}`)

export async function openIndexWorld(pods: number, say: (line: string) => void): Promise<IndexWorld> {
  const dir = await mkdtemp(path.join(tmpdir(), 'flotilla-bench-index-'))
  const fleet = await startFleet({
    dir,
    name: 'bench-index',
    clusters: [{ name: 'scale', fakeNodes: nodes }],
    owned: true,
    demo: false,
    onProgress: ({ step, text }) => say(`${step}: ${text}`),
  })
  const close = async (client?: KubeClient): Promise<void> => {
    await client?.close()
    await fleet.stop()
    await rm(dir, { recursive: true, force: true })
  }
  try {
    const scale = fleet.clusters['scale']
    if (scale === undefined) throw new Error('the fleet has no cluster scale')
    const client = createKubeClient({
      name: 'scale',
      connection: connectionOf(scale.kubeconfig),
      userAgent: 'flotilla-bench',
    })
    const began = performance.now()
    await fill(client, pods)
    say(`${pods} pods in ${Math.round((performance.now() - began) / 1000)} s`)
    const { gitVersion } = await client.serverVersion()
    return {
      client,
      kubeconfigPath: scale.kubeconfigPath,
      kubectlPath: path.join(fleet.dir, 'bin/kubectl'),
      namespaces,
      version: gitVersion,
      startServer: (identities) => startServer(scale.kubeconfigPath, identities),
      [Symbol.asyncDispose]: () => close(client),
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function fill(client: KubeClient, pods: number): Promise<void> {
  await client.create({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'bench-admin' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'flotilla:platform:admin' }],
  })
  for (const name of namespaces) await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  for (const namespace of namespaces)
    while ((await client.find({ group: '', kind: 'ServiceAccount', namespace, name: 'default' })) === undefined)
      await wait(100)
  let next = 0
  const make = async (): Promise<void> => {
    for (let at = next++; at < pods; at = next++) await client.create(podOf(at))
  }
  await Promise.all(Array.from({ length: inParallel }, make))
  for (;;) {
    const { items } = await client.list(
      { group: '', kind: 'Pod' },
      { labelSelector: 'bench=pod', fieldSelector: 'status.phase=Running', project: () => 1 },
    )
    if (items.length >= pods) return
    await wait(500)
  }
}

/** As large as pods are: two containers with probes, variables and mounts. */
function podOf(at: number): KubeObject {
  const app = `app-${at % 50}`
  const hash = ((at * 2654435761) >>> 0).toString(36).padStart(7, '0')
  const container = (name: string, port: number): object => ({
    name,
    image: `registry.example.com/${app}/${name}:1.${at % 7}.0`,
    ports: [{ containerPort: port }],
    env: Array.from({ length: 8 }, (_, index) => ({ name: `SETTING_${index}`, value: `value-${index}-of-${app}` })),
    resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '64Mi' } },
    readinessProbe: { httpGet: { path: '/ready', port } },
    volumeMounts: [{ name: 'work', mountPath: '/work' }],
  })
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${app}-${hash}-${at}`,
      namespace: namespaces[at % namespaces.length] ?? '',
      labels: { bench: 'pod', app, 'app.kubernetes.io/part-of': 'shop', 'pod-template-hash': `h${at % 50}` },
      annotations: { 'example.com/config-hash': hash.repeat(4) },
    },
    spec: {
      nodeName: `fake-${String(at % nodes).padStart(2, '0')}`,
      containers: [container('web', 8080), container('proxy', 9090)],
      volumes: [{ name: 'work', emptyDir: {} }],
      tolerations: [{ operator: 'Exists' }],
    },
  }
}

async function startServer(kubeconfigPath: string, identities: number): Promise<IndexServer> {
  const child = fork(new URL('./index-server.ts', import.meta.url), [kubeconfigPath, String(identities)], {
    execArgv: ['--expose-gc'],
  })
  const said = <T>(): Promise<T> =>
    new Promise((resolve, reject) => {
      child.once('message', (message) => resolve(message as T))
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
    })
  const { url, token } = await said<{ url: string; token: string }>()
  return {
    api: createApiClient({ baseUrl: url, token }),
    use: () => {
      const answer = said<Awaited<ReturnType<IndexServer['use']>>>()
      child.send('use')
      return answer
    },
    stop: () => child.send('end'),
  }
}

/** Asks until every pod of every name is there. */
export async function untilRead(api: ApiClient, total: number, signal: AbortSignal): Promise<number> {
  const began = performance.now()
  for (;;) {
    const page = await api.resources.list({
      params: { kind: 'pods' },
      query: { labels: 'bench=pod', limit: 1 },
      signal,
    })
    if (page.total === total && page.failures.length === 0) return performance.now() - began
    await wait(500, undefined, { signal })
  }
}

export const listAllPods = (kubectlPath: string, kubeconfigPath: string) =>
  runProgram(kubectlPath, ['--kubeconfig', kubeconfigPath, 'get', 'pods', '-A', '--no-headers', '-l', 'bench=pod'])
