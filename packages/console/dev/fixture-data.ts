import type {
  ApplicationDetail,
  ApplicationRow,
  ClusterRow,
  EventRow,
  MatrixCell,
  MatrixTarget,
  RouteResult,
} from '@flotilla/api'

/** A made-up fleet, shaped like the real answers, for looking at the console without clusters. */
const minute = 60_000
const ago = (minutes: number): string => new Date(Date.now() - minutes * minute).toISOString()
const gib = 1024 ** 3

export const edgeSites = Array.from({ length: 24 }, (_, index) => `edge-${String(index + 1).padStart(2, '0')}`)
const lostSites = new Set(['edge-07', 'edge-11', 'edge-19'])

function cluster(name: string, more: Partial<ClusterRow>): ClusterRow {
  return {
    name,
    labels: {},
    edge: false,
    connection: { state: 'connected', since: ago(3000), version: 'v1.36.3' },
    server: `https://${name}.fixture.invalid:6443`,
    version: 'v1.36.3',
    nodes: { ready: 3, total: 3 },
    capacity: { cpuMillis: 12_000, memoryBytes: 48 * gib, pods: 330 },
    allocatable: { cpuMillis: 12_000, memoryBytes: 46 * gib, pods: 330 },
    requested: { cpuMillis: 5200, memoryBytes: 19 * gib, pods: 84 },
    lacks: [],
    deliveries: { total: 4, healthy: 4, unhealthy: 0, unknown: 0 },
    createdAt: ago(90_000),
    removing: false,
    ...more,
  }
}

export const clusters: ClusterRow[] = [
  cluster('east', {
    labels: { region: 'east', cloud: 'a', environment: 'prod' },
    requested: { cpuMillis: 10_100, memoryBytes: 33 * gib, pods: 210 },
    networkPolicy: {
      state: 'Enforced',
      since: ago(90_000),
      checkedAt: ago(300),
      message: 'A pod that a NetworkPolicy did not allow was blocked, and one that it allowed connected',
    },
    deliveries: { total: 4, healthy: 3, unhealthy: 1, unknown: 0 },
  }),
  ...edgeSites.map((name) =>
    cluster(name, {
      edge: true,
      labels: { region: 'edge' },
      nodes: { ready: 1, total: 1 },
      ...(lostSites.has(name)
        ? {
            connection: { state: 'lost', since: ago(130), reason: 'The API server did not answer for 40 s' },
            message: 'Lost',
          }
        : {}),
    }),
  ),
  cluster('hub', { labels: { region: 'east', cloud: 'a', environment: 'prod' }, displayName: 'Headquarters' }),
  cluster('west', {
    labels: { region: 'west', cloud: 'b', environment: 'prod' },
    version: 'v1.34.2',
    connection: { state: 'connected', since: ago(400), version: 'v1.34.2' },
    lacks: ['metrics-server'],
  }),
]

const target = (name: string): MatrixTarget => {
  const found = clusters.find((one) => one.name === name)
  const lost = lostSites.has(name)
  return {
    cluster: name,
    namespace: 'shop-prod',
    environment: 'prod',
    delivery: `shop.${name}`,
    ...(found === undefined ? {} : { connection: found.connection }),
    health: name === 'west' ? 'Failed' : name === 'east' ? 'Degraded' : lost ? 'Unknown' : 'Healthy',
    phase: name === 'west' ? 'WaitingHealth' : 'Settled',
    current: name !== 'west',
    revision: 41,
    ...(lost ? { unknownSince: ago(130) } : {}),
    ...(name === 'west' ? { waitingFor: 'web to become healthy', waitingSince: ago(4) } : {}),
  }
}

const cell = (
  component: string,
  name: string,
  version: string,
  pods: number,
  more: Partial<MatrixCell> = {},
): MatrixCell => ({
  component,
  cluster: name,
  namespace: 'shop-prod',
  version,
  health: 'Healthy',
  ready: pods,
  wanted: pods,
  images: [`registry.fixture.invalid/${component}:${version}`],
  ownOverrides: 0,
  drift: 'None',
  ...more,
})

const edgeCells = edgeSites.flatMap((name, index) => [
  lostSites.has(name)
    ? cell('web', name, '1.4.2', 1, { health: 'Unknown' })
    : cell('web', name, '1.4.2', 1, index < 9 ? { version: '1.4.3' } : { nextVersion: '1.4.3', health: 'Progressing' }),
  cell('api', name, '3.0.8', 1, lostSites.has(name) ? { health: 'Unknown' } : {}),
  cell('worker', name, '3.0.7', 1, lostSites.has(name) ? { health: 'Unknown' } : {}),
])

const cells: MatrixCell[] = [
  cell('web', 'hub', '1.4.3', 6),
  cell('web', 'east', '1.4.3', 12, { ownOverrides: 2 }),
  cell('web', 'west', '1.4.3', 3, {
    ownOverrides: 2,
    health: 'Failed',
    ready: 1,
    message: 'image pull: the registry says “not found” for web:1.4.3 in this cluster’s mirror',
  }),
  cell('api', 'hub', '3.0.8', 4),
  cell('api', 'east', '3.0.8', 8),
  cell('api', 'west', '3.0.8', 4),
  cell('worker', 'hub', '3.0.8', 2),
  cell('worker', 'east', '3.0.8', 6, { ready: 5, health: 'Degraded', message: 'restarts' }),
  cell('worker', 'west', '3.0.8', 2, { drift: 'Drifted' }),
  cell('nightly-report', 'hub', '3.0.8', 0, { health: 'Suspended', message: 'runs at 02:00' }),
  ...edgeCells,
]

const spec = {
  components: [
    {
      name: 'web',
      helm: { chart: { oci: { url: 'oci://registry.fixture.invalid/charts/web', version: '2.3.0' } } },
      values: { replicas: 6, theme: 'plain', ingress: { host: 'shop.example' } },
    },
    { name: 'api', helm: { chart: { oci: { url: 'oci://registry.fixture.invalid/charts/api', version: '1.9.1' } } } },
    {
      name: 'worker',
      kustomize: { git: { url: 'https://git.fixture.invalid/shop.git', ref: 'main', path: 'worker' } },
    },
    { name: 'nightly-report', manifests: { inline: 'apiVersion: batch/v1\nkind: CronJob\n' } },
  ],
  placement: {},
  overrides: [
    {
      name: 'region-west',
      clusters: { selector: { matchLabels: { region: 'west' } } },
      component: 'web',
      values: { replicas: 3 },
    },
  ],
  maxConcurrency: 6,
  driftPolicy: 'Repair',
}

export function shopDetail(sites: boolean): ApplicationDetail {
  const names = sites ? ['hub', 'east', 'west', ...edgeSites] : ['hub', 'east', 'west']
  return {
    application: {
      apiVersion: 'flotilla.dev/v1alpha1',
      kind: 'Application',
      metadata: {
        name: 'shop',
        namespace: 'pj-shop',
        uid: 'u-shop',
        resourceVersion: '7',
        generation: 12,
        creationTimestamp: ago(9000),
      },
      spec,
      status: {},
    },
    project: 'shop',
    workspace: 'retail',
    name: 'shop',
    health: { state: 'Failed', unknown: sites ? 3 : 0, total: names.length },
    sentence: {
      code: 'failed',
      headline: 'Failing in west',
      detail: 'web 1.4.3 has 1 of 3 pods ready, its image is not in the mirror.',
      since: ago(4),
      clusters: ['west'],
      component: 'web',
    },
    matrix: {
      targets: names.map(target),
      components: [
        { name: 'web', type: 'helm', source: 'oci://registry.fixture.invalid/charts/web', version: 'web 2.3.0' },
        { name: 'api', type: 'helm', source: 'oci://registry.fixture.invalid/charts/api', version: 'api 1.9.1' },
        { name: 'worker', type: 'kustomize', source: 'git.fixture.invalid/shop.git//worker', version: '7f3c2a1' },
        { name: 'nightly-report', type: 'manifests', source: 'inline' },
      ],
      cells: cells.filter((one) => names.includes(one.cluster)),
    },
    findings: [],
    waitingFor: [{ what: 'web to become healthy', since: ago(4), cluster: 'west' }],
    paused: false,
    revision: 41,
    sources: [],
  }
}

const states = ['Healthy', 'Healthy', 'Healthy', 'Progressing', 'Healthy', 'Degraded', 'Healthy', 'Suspended'] as const

function row(project: string, name: string, state: ApplicationRow['health']['state'], index: number): ApplicationRow {
  const code = {
    Healthy: 'healthy',
    Progressing: 'progressing',
    Degraded: 'degraded',
    Suspended: 'suspended',
    Failed: 'failed',
  } as const
  const well = state === 'Healthy'
  return {
    project,
    workspace: 'retail',
    name,
    uid: `${project}-${name}`,
    health: { state, unknown: 0, total: 3 },
    sentence: {
      code: code[state as keyof typeof code],
      headline: '',
      detail: well ? '' : state === 'Degraded' ? 'worker: 5 of 6 pods ready, 12 restarts' : 'waiting for 2 of 3 pods',
      since: ago(7 + index),
      clusters: well ? ['hub', 'east', 'west'] : ['east'],
    },
    components: [{ name: 'web', source: `oci://registry.fixture.invalid/charts/${name}`, version: '2.3.0' }],
    clusters: ['hub', 'east', 'west'].map((cluster) => ({
      cluster,
      namespace: project,
      health: cluster === 'east' ? state : 'Healthy',
    })),
    targets: { total: 3, current: well ? 3 : 2, healthy: well ? 3 : 2, unknown: 0 },
    paused: false,
    drifted: false,
    findings: 0,
    revision: 3 + index,
    changedAt: ago(11 * (index + 1)),
    createdAt: ago(90_000),
  }
}

const names = [
  'cart',
  'catalogue',
  'checkout',
  'search',
  'pricing',
  'accounts',
  'mailer',
  'reports',
  'gateway',
  'images',
  'stock',
  'tax',
]

/** `count` applications; the first is the shop, failing in west. */
export function applications(count: number): ApplicationRow[] {
  const { sentence } = shopDetail(false)
  const shop: ApplicationRow = {
    ...row('shop', 'shop', 'Failed', 0),
    sentence,
    health: { state: 'Failed', unknown: 3, total: 27 },
    targets: { total: 27, current: 24, healthy: 22, unknown: 3 },
  }
  const others = Array.from({ length: Math.max(0, count - 1) }, (_, index) => {
    const name = names[index % names.length] ?? 'app'
    const round = Math.floor(index / names.length)
    return row(
      index % 3 === 0 ? 'shop' : 'payments',
      round === 0 ? name : `${name}-${round}`,
      states[index % states.length] ?? 'Healthy',
      index,
    )
  })
  return [shop, ...others].sort((a, b) => (a.name < b.name ? -1 : 1))
}

export const projects: RouteResult<'projects.list'>['items'] = ['shop', 'payments'].map((name) => ({
  name,
  uid: name,
  workspace: 'retail',
  namespace: `pj-${name}`,
  scope: 'Namespaced',
  podSecurity: 'baseline',
  targets: ['hub', 'east', 'west'].map((clusterName) => ({ cluster: clusterName, namespace: name, state: 'Ready' })),
  applications: 9,
  ready: true,
  createdAt: ago(90_000),
}))

export const events: EventRow[] = [
  [
    'Warning',
    'Failed',
    'Failed to pull image "registry.fixture.invalid/web:1.4.3": not found',
    'web-58bf-0lmz',
    'west',
    4,
  ],
  ['Warning', 'BackOff', 'Back-off pulling image "registry.fixture.invalid/web:1.4.3"', 'web-58bf-0lmz', 'west', 2],
  ['Normal', 'Scheduled', 'Successfully assigned shop-prod/web-58bf-0lmz to west-1', 'web-58bf-0lmz', 'west', 5],
].map(([type, reason, message, name, clusterName, minutes]) => ({
  cluster: String(clusterName),
  namespace: 'shop-prod',
  type: String(type),
  reason: String(reason),
  message: String(message),
  object: { kind: 'Pod', name: String(name) },
  count: 3,
  lastAt: ago(Number(minutes)),
}))
