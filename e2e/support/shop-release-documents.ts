import { apiVersion, projectNamespace, workspaceNamespace } from '@flotilla/model'
import type { CountingDatabase } from './counting-database.ts'

/** What one version of the shop is told, beside the version of its chart. */
export interface ShopVersion {
  readonly message: string
  readonly discountPercent: number
  readonly paymentKey: string
}

/** Of the application's Secret. */
const settings = 'shop-settings'

/** JSON is YAML, too. */
const documents = (...objects: readonly object[]): string => objects.map((one) => JSON.stringify(one)).join('\n---\n')

export const tenancy = (workspace: string, project: string): readonly string[] => [
  documents({ apiVersion, kind: 'Workspace', metadata: { name: workspace }, spec: {} }),
  documents({
    apiVersion,
    kind: 'Project',
    metadata: { name: project, namespace: workspaceNamespace(workspace) },
    spec: {
      targets: [
        { clusters: { names: ['staging'] }, environment: 'staging' },
        { clusters: { names: ['canary', 'rest-1', 'rest-2', 'rest-3'] }, environment: 'prod' },
      ],
    },
  }),
]

/** The demo's shop, governed. Its migration is a step of the plan, and none of its chart. */
export function shop(
  { project, registry, database }: { project: string; registry: string; database: CountingDatabase },
  { message, discountPercent, paymentKey }: ShopVersion,
): string {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: settings },
    stringData: { 'database-password': database.password, 'payment-key': paymentKey },
  }
  return documents({
    apiVersion,
    kind: 'Application',
    metadata: { name: 'shop', namespace: projectNamespace(project) },
    spec: {
      mode: 'governed',
      components: [
        {
          name: 'shop',
          helm: { chart: { oci: { url: `oci://${registry}/charts/shop`, version: '1.0.0' } } },
          values: { message, api: { discountPercent }, migration: { enabled: false } },
        },
        { name: 'settings', manifests: { inline: JSON.stringify(secret) } },
      ],
      overrides: [
        {
          name: 'staging-is-looked-at',
          clusters: { names: ['staging'] },
          component: 'shop',
          values: { web: { service: { type: 'NodePort' } } },
        },
        {
          name: 'simulated-nodes',
          clusters: { selector: { matchLabels: { nodes: 'fake' } } },
          component: 'shop',
          patches: [
            {
              target: { kind: 'Deployment' },
              operations: [
                { op: 'add', path: '/spec/template/spec/nodeSelector', value: { type: 'kwok' } },
                {
                  op: 'add',
                  path: '/spec/template/spec/tolerations',
                  value: [{ key: 'kwok.x-k8s.io/node', operator: 'Exists' }],
                },
              ],
            },
          ],
        },
      ],
    },
  })
}

/** How the first release goes out: to all at once. */
export const everywhere = (project: string): string =>
  documents({
    apiVersion,
    kind: 'Plan',
    metadata: { name: 'everywhere', namespace: projectNamespace(project) },
    spec: { stages: [{ name: 'all' }] },
  })

/** Staging with migration and tests, the canary after somebody said yes, then the rest. `page` is the shop's in staging. */
export const staged = (project: string, database: CountingDatabase, page: string): string =>
  documents({
    apiVersion,
    kind: 'Plan',
    metadata: { name: 'staged', namespace: projectNamespace(project) },
    spec: {
      stages: [
        {
          name: 'staging',
          targets: { environments: ['staging'] },
          before: [
            {
              name: 'migrate',
              job: {
                migration: { database: 'shop' },
                template: database.template(
                  settings,
                  "INSERT INTO runs (what) VALUES ('stock')",
                  'CREATE TABLE stock (item text PRIMARY KEY, pieces integer NOT NULL)',
                ),
              },
            },
          ],
          each: {
            after: [
              {
                name: 'stocked',
                // of nothing in stock it divides by zero
                test: { job: { template: database.template(settings, 'SELECT 1 / count(*) AS shelves FROM stock') } },
              },
              {
                name: 'page',
                analysis: {
                  http: { url: `${page}/info`, contains: '"message":"Welcome to v2"' },
                  intervalSeconds: 1,
                  samples: 2,
                },
              },
            ],
          },
        },
        {
          name: 'canary',
          targets: { clusters: { names: ['canary'] } },
          before: [{ name: 'go', approval: { roles: ['admin', 'operator'] } }],
          soakSeconds: 3,
        },
        { name: 'rest', maxConcurrency: 2, soakSeconds: 3 },
      ],
    },
  })
