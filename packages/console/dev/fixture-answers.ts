import type { ApplicationDetail, ObjectChange, RouteId, RouteResult } from '@flotilla/api'
import { ApplicationSpec } from '@flotilla/model'
import { z } from 'zod'
import { applications, clusters, events, projects, shopDetail } from './fixture-data.ts'
import { joiningAnswers } from './fixture-joining.ts'
import { auditAnswers } from './fixture-audit.ts'
import { moveAnswers } from './fixture-moves.ts'
import { releaseAnswers } from './fixture-releases.ts'
import { resourceAnswers } from './fixture-resources.ts'
import { tenantAnswers } from './fixture-tenants.ts'

export interface FixtureOptions {
  /** How many applications there are. */
  readonly applications: number
  /** Whether the shop is on the edge sites too. */
  readonly sites: boolean
}

export interface FixtureCall {
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: unknown
}

export type Answers = { [R in RouteId]?: (call: FixtureCall) => RouteResult<R> }

const person = { name: 'ada', uid: 'u-ada', displayName: 'Ada · retail', roles: [], groups: [] }
const session = { person, kind: 'browser', expiresAt: '2099-01-01T00:00:00Z', mustChangePassword: false } as const

const token = {
  id: '0'.repeat(16),
  name: 'build',
  access: 'write',
  project: 'shop',
  createdBy: 'ada',
  createdAt: '2026-01-05T08:00:00Z',
  expiresAt: '2099-04-05T08:00:00Z',
  lastUsedAt: '2026-01-06T08:00:00Z',
} as const

/** Answers of the fixture, typed by the contract; a route that is not here answers 404. */
export function createAnswers(options: FixtureOptions): Answers {
  const rows = applications(options.applications)
  const detail = shopDetail(options.sites)
  const [first] = clusters
  if (first === undefined) throw new Error('the fixture has no clusters')
  const joining = joiningAnswers(first)
  const change: ObjectChange = {
    cluster: 'west',
    namespace: 'shop-prod',
    component: 'web',
    ref: { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'shop-prod', name: 'web' },
    change: 'changed',
    paths: ['spec.template.spec.containers[web].image'],
    diff: '@@ -20,6 +20,6 @@\n   spec:\n     containers:\n       - name: web\n-        image: registry/web:1.4.2@sha256:77ab\n+        image: registry/web:1.4.3@sha256:c01d\n         ports:\n',
  }
  return {
    'kubernetes.token': () => ({ token: 'flk_fixture', expiresAt: '2099-01-01T00:00:00Z' }),
    'signIn.ways': () => ({
      password: true,
      providers: [
        { name: 'corp', displayName: 'Example Corp', type: 'oidc', form: 'redirect' },
        { name: 'ding', displayName: '钉钉', type: 'dingtalk', form: 'redirect' },
        { name: 'staff', displayName: 'Staff directory', type: 'ldap', form: 'password' },
      ],
    }),
    'kinds.list': () => ({
      kind: {
        kind: 'IdentityProvider',
        plural: 'identityproviders',
        singular: 'identityprovider',
        shortNames: [],
        scope: 'Cluster',
        description: '',
        columns: [],
      },
      items: ['corp', 'ding'].map((name, at) => ({
        apiVersion: 'flotilla.dev/v1alpha1',
        kind: 'IdentityProvider',
        metadata: { name, resourceVersion: '1' },
        spec:
          at === 0
            ? {
                type: 'oidc',
                displayName: 'Example Corp',
                oidc: { issuer: 'https://login.fixture.invalid', clientId: 'f' },
              }
            : { type: 'dingtalk', displayName: '钉钉', disabled: true, dingtalk: { clientId: 'ding1' } },
        status: { conditions: [{ type: 'Ready', status: 'True', message: 'It answers' }] },
      })),
    }),
    'providers.setSecret': () => ({ done: true }),
    'providers.test': ({ params }) => ({
      answers: true,
      redirectUri: `https://fixture.invalid/sign-in/callback/${params['provider'] ?? ''}`,
    }),
    'session.grantCommandLine': () => ({ code: 'c' }),
    'tokens.list': () => ({ items: [token] }),
    'tokens.create': () => Object.assign({ token: 'flt_shown-once' }, token, { id: '1'.repeat(16), name: 'dashboard' }),
    'tokens.revoke': () => ({ done: true }),
    'signIn.begin': () => ({ url: '/sign-in/callback/corp?code=c&state=s' }),
    'signIn.finish': () => Object.assign({ next: '/fleet' }, session),
    'session.get': () => session,
    'session.signIn': () => session,
    'session.signOut': () => ({ done: true }),
    'access.check': ({ body }) => ({
      answers: (body as { questions: { verb: string; resource: string }[] }).questions.map(({ verb, resource }) =>
        verb === 'delete' && ['clusters', 'workspaces'].includes(resource)
          ? { allowed: false, reason: 'It takes “delete” on clusters; a platform administrator can grant it' }
          : { allowed: true },
      ),
    }),
    'clusters.list': () => ({ items: clusters, total: clusters.length }),
    'agents.add': joining['agents.add'],
    'agents.invite': joining['agents.invite'],
    'clusters.get': (call) => {
      const found = clusters.find(({ name }) => name === call.params['cluster'])
      if (found === undefined) return joining['clusters.get'](call)
      return {
        ...found,
        uid: 'u',
        conditions: [],
        applications: [{ project: 'shop', application: 'shop', namespace: 'shop-prod' }],
      }
    },
    ...tenantAnswers(),
    ...auditAnswers(),
    ...resourceAnswers(),
    ...releaseAnswers(),
    ...moveAnswers(),
    'projects.list': () => ({ items: projects, total: projects.length }),
    'applications.list': ({ query }) => listRows(rows, query),
    'applications.get': ({ params }) => {
      if (params['application'] === 'cart') return governed(detail)
      return params['application'] === 'mailer' ? { ...detail, name: 'mailer' } : detail
    },
    'applications.sync': () => ({ project: 'shop', application: 'shop', changed: true }),
    'applications.pause': () => ({ project: 'shop', application: 'shop', changed: true }),
    'applications.resume': () => ({ project: 'shop', application: 'shop', changed: true }),
    'applications.difference': () => ({ items: [change], failures: [], unchanged: 30 }),
    'applications.preview': () => ({
      items: [change],
      failures: [],
      findings: [],
      targets: [{ cluster: 'west', namespace: 'shop-prod', change: 'changed' }],
      unchanged: 30,
    }),
    'applications.explain': ({ query }) => ({
      component: 'web',
      cluster: query.get('cluster') ?? '',
      namespace: 'shop-prod',
      path: query.get('path') ?? '',
      value: 3,
      set: true,
      layers: [
        { layer: 'chart', name: 'chart defaults', value: 1, says: true, wins: false },
        { layer: 'values', name: 'application', value: 6, says: true, wins: false },
        { layer: 'override', name: 'region-west', value: 3, says: true, wins: true },
      ],
    }),
    'applications.events': () => ({ items: events, failures: [{ cluster: 'edge-07', reason: 'no answer for 40 s' }] }),
    'applications.objects': () => ({
      items: [
        {
          ...change,
          health: 'Failed',
          message: '1 of 3 pods ready',
          images: [],
          ready: 1,
          wanted: 3,
          scaledByOther: false,
        },
      ],
      failures: [],
    }),
    'applications.pods': () => ({ items: [], failures: [] }),
    'applications.manifest': () => ({ yaml: 'apiVersion: apps/v1\nkind: Deployment\n' }),
    'applications.history': () => ({
      items: [41, 40, 39].map((revision) => ({
        revision,
        at: new Date(Date.now() - (42 - revision) * 3_600_000).toISOString(),
        by: revision === 40 ? 'flotilla' : 'ada',
        reason: revision === 40 ? 'worker moved to 7f3c2a1' : 'values changed',
        sources: [{ component: 'web', digest: 'sha256:1', version: '2.3.0', resolvedAt: '2026-01-01T00:00:00Z' }],
        targets: 27,
        current: revision === 41,
      })),
    }),
    'applications.revision': ({ params }) => ({
      revision: Number(params['revision']),
      at: new Date().toISOString(),
      by: 'ada',
      reason: 'values changed',
      sources: [],
      targets: 27,
      current: false,
      spec: detail.application['spec'] as z.output<typeof ApplicationSpec>,
    }),
    'schemas.get': () => ({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'Application',
      type: 'object',
      required: ['apiVersion', 'kind', 'metadata', 'spec'],
      properties: {
        apiVersion: { const: 'flotilla.dev/v1alpha1' },
        kind: { const: 'Application' },
        metadata: {
          type: 'object',
          required: ['name'],
          properties: { name: { type: 'string' }, namespace: { type: 'string' } },
        },
        spec: z.toJSONSchema(ApplicationSpec, { io: 'input', unrepresentable: 'any', reused: 'inline' }),
      },
    }),
  }
}

/** The same application in governed mode, held after a rollback. */
const governed = (detail: ApplicationDetail): ApplicationDetail => ({
  ...detail,
  name: 'cart',
  application: {
    ...detail.application,
    metadata: { ...detail.application.metadata, name: 'cart' },
    spec: {
      ...Object.assign({}, detail.application['spec']),
      mode: 'governed',
      hold: { since: '2026-01-05T08:00:00Z', reason: 'search-6 was rolled back: orders were lost' },
    },
  },
})

function listRows(rows: ReturnType<typeof applications>, query: URLSearchParams): RouteResult<'applications.list'> {
  const q = query.get('q')?.toLowerCase() ?? ''
  const health = query.getAll('health')
  const project = query.getAll('project')
  const found = rows.filter(
    (row) =>
      row.name.includes(q) &&
      (health.length === 0 || health.includes(row.health.state)) &&
      (project.length === 0 || project.includes(row.project)),
  )
  if (query.get('sort') === '-name') found.reverse()
  const from = Number(query.get('continue') ?? 0)
  const to = from + Number(query.get('limit') ?? 100)
  return { items: found.slice(from, to), total: found.length, ...(to < found.length ? { continue: String(to) } : {}) }
}
