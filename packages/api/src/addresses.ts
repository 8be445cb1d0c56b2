/**
 * Where each route is, apart from what it takes and gives: clients need no more than this at run time, so that neither
 * the command line nor the browser loads a schema. The contract builds every route from its line here.
 */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
/** How an answer comes: one JSON document, JSON per line, or server-sent events. */
export type AnswerForm = 'json' | 'ndjson' | 'sse'
export type BodyForm = 'none' | 'json' | 'bytes'

export interface Address<
  M extends Method = Method,
  P extends string = string,
  A extends AnswerForm = AnswerForm,
  B extends BodyForm = BodyForm,
> {
  readonly method: M
  /** Under /api/v1, with `:name` for parameters. */
  readonly path: P
  readonly answer: A
  readonly sends: B
}

export const basePath = '/api/v1'

const read = <P extends string>(path: P) => ({ method: 'GET', path, answer: 'json', sends: 'none' }) as const
const post = <P extends string>(path: P) => ({ method: 'POST', path, answer: 'json', sends: 'json' }) as const
const put = <P extends string>(path: P) => ({ method: 'PUT', path, answer: 'json', sends: 'json' }) as const
const patch = <P extends string>(path: P) => ({ method: 'PATCH', path, answer: 'json', sends: 'json' }) as const
const remove = <P extends string>(path: P) => ({ method: 'DELETE', path, answer: 'json', sends: 'none' }) as const

export const addresses = {
  'meta.get': read('/meta'),

  'session.signIn': post('/session'),
  'signIn.ways': read('/sign-in'),
  'signIn.begin': post('/sign-in/:provider'),
  'signIn.finish': post('/sign-in/:provider/answer'),
  'providers.setSecret': put('/identity-providers/:provider/secret'),
  'providers.test': post('/identity-providers/:provider/test'),

  'session.get': read('/session'),
  'session.signOut': remove('/session'),
  'session.grantCommandLine': post('/session/command-line'),
  'session.redeemCommandLine': post('/session/command-line/redemption'),
  'session.changePassword': put('/session/password'),
  'access.check': post('/access/check'),
  'access.review': post('/access/review'),
  'users.setPassword': put('/users/:user/password'),

  'tokens.list': read('/tokens'),
  'tokens.create': post('/tokens'),
  'tokens.revoke': remove('/tokens/:token'),

  'serviceAccounts.list': read('/service-accounts'),
  'serviceAccounts.add': post('/service-accounts'),
  'serviceAccounts.remove': remove('/service-accounts/:user'),

  'people.list': read('/people'),
  'people.get': read('/people/:user'),
  'people.find': read('/person-names'),
  'members.list': read('/members'),
  'roles.list': read('/roles'),

  'clusters.list': read('/clusters'),
  'clusters.get': read('/clusters/:cluster'),
  'clusters.add': post('/clusters'),
  'clusters.change': patch('/clusters/:cluster'),
  'clusters.remove': remove('/clusters/:cluster'),

  'agents.add': post('/agents'),
  'agents.invite': post('/clusters/:cluster/agent/invitation'),
  'agents.rotate': post('/clusters/:cluster/agent/rotation'),
  'agents.revoke': post('/clusters/:cluster/agent/revocation'),

  'workspaces.list': read('/workspaces'),
  'workspaces.get': read('/workspaces/:workspace'),
  'projects.list': read('/projects'),
  'projects.get': read('/projects/:project'),

  'kinds.describe': read('/kinds'),
  'kinds.list': read('/kinds/:kind'),
  'kinds.get': read('/kinds/:kind/:name'),
  'kinds.remove': remove('/kinds/:kind/:name'),
  'documents.apply': post('/documents'),
  'schemas.get': read('/schemas/:kind'),

  'applications.list': read('/applications'),
  'applications.get': read('/projects/:project/applications/:application'),
  'applications.remove': remove('/projects/:project/applications/:application'),
  'applications.sync': post('/projects/:project/applications/:application/sync'),
  'applications.pause': post('/projects/:project/applications/:application/pause'),
  'applications.resume': post('/projects/:project/applications/:application/resume'),
  'applications.revert': post('/projects/:project/applications/:application/revert'),
  'applications.history': read('/projects/:project/applications/:application/revisions'),
  'applications.revision': read('/projects/:project/applications/:application/revisions/:revision'),
  'applications.preview': post('/projects/:project/preview'),
  'applications.difference': read('/projects/:project/applications/:application/difference'),
  'applications.explain': read('/projects/:project/applications/:application/explain'),
  'applications.objects': read('/projects/:project/applications/:application/objects'),
  'applications.manifest': read('/projects/:project/applications/:application/manifest'),
  'applications.pods': read('/projects/:project/applications/:application/pods'),
  'applications.events': read('/projects/:project/applications/:application/events'),
  'applications.logs': {
    method: 'GET',
    path: '/projects/:project/applications/:application/logs',
    answer: 'ndjson',
    sends: 'none',
  },
  'applications.adopt': post('/projects/:project/adopt'),
  'moves.start': post('/projects/:project/applications/:application/moves'),
  'moves.list': read('/projects/:project/moves'),
  'moves.get': read('/projects/:project/moves/:move'),
  'moves.confirmTraffic': post('/projects/:project/moves/:move/traffic'),
  'moves.undo': post('/projects/:project/moves/:move/undo'),
  'moves.abort': post('/projects/:project/moves/:move/abort'),
  'uploads.put': { method: 'PUT', path: '/projects/:project/uploads/:digest', answer: 'json', sends: 'bytes' },

  'releases.list': read('/releases'),
  'releases.get': read('/projects/:project/releases/:release'),
  'releases.create': post('/projects/:project/releases'),
  'releases.freeze': post('/projects/:project/releases/:release/freeze'),
  'releases.reject': post('/projects/:project/releases/:release/rejection'),
  'releases.difference': read('/projects/:project/releases/:release/difference'),
  'approvals.give': post('/projects/:project/approvals'),
  'plans.list': read('/plans'),
  'plans.check': post('/projects/:project/plans/:plan/check'),
  'rollouts.list': read('/rollouts'),
  'rollouts.get': read('/projects/:project/rollouts/:rollout'),
  'rollouts.start': post('/projects/:project/rollouts'),
  'rollouts.pause': post('/projects/:project/rollouts/:rollout/pause'),
  'rollouts.resume': post('/projects/:project/rollouts/:rollout/resume'),
  'rollouts.abort': post('/projects/:project/rollouts/:rollout/abort'),
  'rollouts.retry': post('/projects/:project/rollouts/:rollout/retry'),
  'rollouts.skip': post('/projects/:project/rollouts/:rollout/skip'),
  'rollouts.resolve': post('/projects/:project/rollouts/:rollout/resolution'),
  'rollouts.rollback': post('/projects/:project/rollouts/:rollout/rollback'),
  'rollouts.log': read('/projects/:project/rollouts/:rollout/log'),
  'applications.resolveHook': post('/projects/:project/applications/:application/hooks/resolution'),
  'applications.liftHold': post('/projects/:project/applications/:application/hold/lift'),
  'history.list': read('/history'),
  'history.where': read('/where'),

  'audit.list': read('/audit'),
  'audit.export': { method: 'GET', path: '/audit/records', answer: 'ndjson', sends: 'none' },
  'audit.recording': { method: 'GET', path: '/audit/recordings/:recording', answer: 'ndjson', sends: 'none' },
  'audit.verification': read('/audit/verification'),
  'audit.verify': post('/audit/verification'),
  'resources.list': read('/resources/:kind'),
  'resources.manifest': read('/resources/:kind/:cluster/:name'),
  'resources.logs': { method: 'GET', path: '/resources/pods/:cluster/:name/logs', answer: 'ndjson', sends: 'none' },

  'kubernetes.clusters': read('/kubernetes/clusters'),
  'kubernetes.token': post('/kubernetes/token'),

  'stream.watch': { method: 'GET', path: '/stream', answer: 'sse', sends: 'none' },
} as const satisfies Record<string, Address>

export type Addresses = typeof addresses
export type RouteId = keyof Addresses

/** The header that a browser's changing request carries; another origin cannot set it without asking first. */
export const csrfHeader = 'x-flotilla-request'
/** Bytes of one upload. */
export const maxUploadBytes = 20 * 1024 * 1024
