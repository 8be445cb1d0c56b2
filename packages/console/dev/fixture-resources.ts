import type { ResourceName, ResourceRow } from '@flotilla/api'
import { compareRows, isSort } from '../src/resources/compare-rows.ts'
import type { Answers } from './fixture-answers.ts'

const clusters = ['east', 'hub', 'west']
const hour = 3_600_000
const ago = (hours: number): string => new Date(Date.now() - hours * hour).toISOString()

function pod(at: number): ResourceRow {
  const crashes = at % 17 === 5
  return {
    cluster: clusters[at % 3] ?? 'east',
    namespace: at % 2 === 0 ? 'shop-prod' : 'payments',
    name: `${at % 2 === 0 ? 'checkout' : 'ledger'}-7d9f-${at}`,
    state: crashes ? 'CrashLoopBackOff' : 'Running',
    health: crashes ? 'Degraded' : 'Healthy',
    message: crashes ? 'container app crashes with exit code 1, restarted 14 times' : undefined,
    labels: { app: at % 2 === 0 ? 'checkout' : 'ledger' },
    owner: `ReplicaSet/${at % 2 === 0 ? 'checkout' : 'ledger'}-7d9f`,
    node: `node-${at % 5}`,
    images: [`registry.fixture.invalid/${at % 2 === 0 ? 'checkout' : 'ledger'}:2.3.${at % 4}`],
    ready: crashes ? 0 : 1,
    wanted: 1,
    count: crashes ? 14 : 0,
    createdAt: ago(at + 1),
    address: `10.1.${at % 200}.7`,
  }
}

const rowOf = (more: Omit<ResourceRow, 'labels' | 'images'> & Partial<ResourceRow>): ResourceRow =>
  Object.assign({ labels: {}, images: [], createdAt: ago(900) }, more)
const rows: Partial<Record<ResourceName, ResourceRow[]>> = {
  pods: Array.from({ length: 430 }, (_, at) => pod(at)),
  deployments: ['checkout', 'ledger'].map((name) =>
    rowOf({
      cluster: 'east',
      namespace: 'shop-prod',
      name,
      state: 'Healthy',
      health: 'Healthy',
      images: [`registry.fixture.invalid/${name}:2.3.1`],
      ready: 3,
      wanted: 3,
    }),
  ),
  nodes: clusters.flatMap((cluster) =>
    ['node-1', 'node-2'].map((name) =>
      rowOf({
        cluster,
        namespace: '',
        name,
        state: 'Ready',
        health: 'Healthy' as const,
        owner: 'control-plane',
        address: '10.0.0.4',
        detail: 'v1.33.2',
      }),
    ),
  ),
  events: ['east', 'west'].map((cluster, at) =>
    rowOf({
      cluster,
      namespace: 'shop-prod',
      name: `checkout.${at}`,
      state: 'Warning',
      message: 'no node takes it: 0/5 nodes are available',
      owner: `Pod/checkout-7d9f-${at}`,
      count: 4,
      lastAt: ago(at),
      detail: 'FailedScheduling',
    }),
  ),
}

/** Objects of the fixture's clusters; `north` is away. */
export function resourceAnswers(): Answers {
  return {
    'resources.list': ({ params, query }) => {
      const kind = params['kind'] as ResourceName
      const several = (name: string, value: string) =>
        query.getAll(name).length === 0 || query.getAll(name).includes(value)
      const found = (rows[kind] ?? []).filter(
        (row) =>
          row.name.includes(query.get('q') ?? '') &&
          several('cluster', row.cluster) &&
          several('namespace', row.namespace) &&
          (query.get('node') ?? row.node) === row.node &&
          (query.get('owner') ?? row.owner) === row.owner,
      )
      const states: Record<string, number> = {}
      for (const { state } of found) states[state] = (states[state] ?? 0) + 1
      const passed = found.filter((row) => several('state', row.state))
      const sort = query.get('sort') ?? 'name'
      passed.sort(compareRows(isSort(sort) ? sort : 'name'))
      const from = Number(query.get('continue') ?? 0)
      const to = from + Number(query.get('limit') ?? 100)
      return {
        items: passed.slice(from, to),
        failures: [{ cluster: 'north', reason: 'The API server does not answer', since: ago(2) }],
        total: passed.length,
        facets: { cluster: {}, state: states },
        ...(to < passed.length ? { continue: String(to) } : {}),
      }
    },
    'resources.manifest': ({ params }) => ({
      yaml: `apiVersion: v1\nmetadata:\n  name: ${params['name']}\nstatus:\n  nodeInfo:\n    kubeletVersion: v1.33.2\n`,
    }),
  }
}
