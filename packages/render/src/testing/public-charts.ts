import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { parseYaml } from '../yaml/parse-yaml.ts'
import type { JsonObject } from '../types.ts'

const run = promisify(execFile)
const pins = join(dirname(fileURLToPath(import.meta.url)), '../../../../native/test-charts')

export interface PublicChart {
  readonly module: string
  readonly path: string
  /** Values to try besides the defaults. */
  readonly values?: readonly JsonObject[]
  /** A file of values with `${Name}` placeholders, and what stands for them. */
  readonly template?: { readonly file: string; readonly placeholders: Readonly<Record<string, string>> }
}

/** Strangers' charts, as they ship in Go modules. */
export const publicCharts: readonly PublicChart[] = [
  {
    module: 'sigs.k8s.io/metrics-server',
    path: 'charts/metrics-server',
    values: [{ replicas: 3, podDisruptionBudget: { enabled: true, minAvailable: 1 }, metrics: { enabled: true } }],
  },
  {
    module: 'sigs.k8s.io/descheduler',
    path: 'charts/descheduler',
    values: [{ kind: 'Deployment', replicas: 2, leaderElection: { enabled: true } }, { suspend: true }],
  },
  {
    module: 'sigs.k8s.io/external-dns',
    path: 'charts/external-dns',
    values: [{ provider: { name: 'webhook', webhook: { image: { repository: 'example.test/hook', tag: '1' } } } }],
  },
  {
    module: 'k8s.io/ingress-nginx',
    path: 'charts/ingress-nginx',
    values: [
      { controller: { kind: 'DaemonSet', metrics: { enabled: true }, autoscaling: { enabled: true } } },
      {
        controller: { admissionWebhooks: { certManager: { enabled: true } } },
        tcp: { '8080': 'default/example:9000' },
      },
    ],
  },
  {
    module: 'github.com/dapr/dapr',
    path: 'charts/dapr',
    values: [{ global: { ha: { enabled: true }, actors: { enabled: false } } }],
  },
  {
    module: 'github.com/envoyproxy/gateway',
    path: 'charts/gateway-helm',
    template: {
      file: 'values.tmpl.yaml',
      placeholders: { GatewayImage: 'registry.example.test/gateway:v1', GatewayImagePullPolicy: 'IfNotPresent' },
    },
    values: [{ topologyInjector: { enabled: false }, podDisruptionBudget: { minAvailable: 1 } }],
  },
  {
    module: 'github.com/envoyproxy/gateway',
    path: 'charts/gateway-crds-helm',
    values: [{ crds: { gatewayAPI: { enabled: true } } }],
  },
]

/** Folder of a chart in the module cache, fetched by its pinned version and checksum where it is missing. */
export async function publicChartFolder({ module, path }: PublicChart): Promise<string> {
  const goMod = await readFile(join(pins, 'go.mod'), 'utf8')
  const version = goMod
    .split('\n')
    .map((line) => line.trim().split(' '))
    .find(([name]) => name === module)?.[1]
  const { stdout } = await run('go', ['mod', 'download', '-json', `${module}@${version}`], { cwd: pins })
  return join((JSON.parse(stdout) as { Dir: string }).Dir, path)
}

/** The sets of values to try: the chart's own first. */
export async function publicChartValues(chart: PublicChart, folder: string): Promise<JsonObject[]> {
  const base = chart.template === undefined ? {} : await readTemplate(chart.template, folder)
  return [base, ...(chart.values ?? []).map((values) => Object.assign({}, base, values))]
}

async function readTemplate(template: NonNullable<PublicChart['template']>, folder: string): Promise<JsonObject> {
  const text = await readFile(join(folder, template.file), 'utf8')
  const filled = text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => template.placeholders[name] ?? '')
  const [values] = await parseYaml(filled, { field: template.file })
  return values as JsonObject // a values file is a map
}
