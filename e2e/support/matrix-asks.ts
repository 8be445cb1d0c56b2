import { createHash, randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { ApiClient, RouteId } from '@flotilla/api'
import { anyRoutes } from '@flotilla/api/contract'
import { projectNamespace, systemNamespace, workspaceNamespace } from '@flotilla/model'
import { releaseAsks } from './release-asks.ts'

/** A department with its project, in one cluster of its own. */
export interface Department {
  readonly workspace: string
  readonly project: string
  readonly cluster: string
}

/** A right in the host, as its own authorizer is asked for it. */
export interface HostRight {
  readonly verb: string
  readonly resource: string
  readonly namespace: string
  readonly name?: string
}

/** How a route is asked about a department, and what decides whether there is an answer. */
export interface MatrixAsk {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly body?: object | Uint8Array
  /** Any of these is enough; left out where everybody who is signed in is answered. */
  readonly anyOf?: readonly HostRight[]
  /** What who may is answered, where what is asked for is not to happen. */
  readonly status?: number
  /** Makes what is used up by the answer. */
  readonly before?: () => Promise<void>
}

const upload = gzipSync('nothing')

/** Asks of every route that needs a session, about one department. A route that is not here fails the matrix. */
export function matrixAsks(admin: ApiClient, { workspace, project, cluster }: Department): Map<RouteId, MatrixAsk[]> {
  const inProject = projectNamespace(project)
  const inWorkspace = workspaceNamespace(workspace)
  const may = (verb: string, resource: string, namespace: string, name?: string): HostRight => ({
    verb,
    resource,
    namespace,
    ...(name === undefined ? {} : { name }),
  })
  const web = { params: { project, application: 'web' } }
  const readsWeb = { ...web, anyOf: [may('get', 'applications', inProject, 'web')] }
  const patchesWeb = { ...web, body: {}, anyOf: [may('patch', 'applications', inProject, 'web')] }
  const document = (kind: string, name: string, spec: string) =>
    `apiVersion: flotilla.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec: ${spec}\n`
  const application = (name: string) =>
    document('Application', name, '{ paused: true, components: [{ name: web, manifests: { inline: "{}" } }] }')
  const make = async (documents: string): Promise<void> => {
    const { items } = await admin.documents.apply({ body: { documents, project } })
    if (items.some(({ error }) => error !== undefined)) throw new Error(JSON.stringify(items))
  }
  const doomed = `doomed-${randomBytes(3).toString('hex')}`
  const kubeconfig = '{ apiVersion: v1, kind: Config, users: [{ name: u, user: { exec: { command: x } } }] }'
  const agentOf = { params: { cluster }, anyOf: [may('update', 'clusters', '', cluster)] }
  const seesCluster = [may('get', 'clusters', '', cluster), may('list', 'clusters', '')]

  const asks: Partial<Record<RouteId, readonly MatrixAsk[]>> = {
    'providers.setSecret': [
      {
        params: { provider: 'nobody' },
        body: { secret: 'a secret' },
        anyOf: [may('update', 'identityproviders', '')],
        status: 404,
      },
    ],
    'providers.test': [
      { params: { provider: 'nobody' }, body: {}, anyOf: [may('update', 'identityproviders', '')], status: 404 },
    ],
    'serviceAccounts.list': [
      { query: { project }, anyOf: [may('list', 'memberships', inProject)] },
      { query: { workspace }, anyOf: [may('list', 'memberships', inWorkspace)] },
    ],
    // of a name that is taken
    'serviceAccounts.add': [
      { body: { name: 'admin', project }, anyOf: [may('grant', 'memberships', inProject)], status: 409 },
      { body: { name: 'admin', workspace }, anyOf: [may('grant', 'memberships', inWorkspace)], status: 409 },
    ],
    // a person is none, whoever asks; the right to it has a test of its own
    'serviceAccounts.remove': [],
    'tokens.list': [{}, { query: { user: 'admin' }, anyOf: [may('update', 'users', '')] }],
    // of a token that there is not
    'tokens.revoke': [
      { params: { token: '0'.repeat(16) }, query: { user: 'admin' }, anyOf: [may('update', 'users', '')], status: 404 },
    ],
    'tokens.create': [{ body: { name: 'matrix', access: 'read', days: 1 } }],
    'session.get': [{}],
    // with a session of the command line, as theirs are, to nobody; a browser's is in a test of its own
    'session.grantCommandLine': [],
    'access.check': [{ body: { questions: [{ verb: 'get', resource: 'applications', project }] } }],
    'kubernetes.clusters': [{}],
    'kubernetes.token': [{ body: {} }],
    'kinds.describe': [{}],
    'schemas.get': [{ params: { kind: 'Application' } }],
    'resources.list': [{ params: { kind: 'pods' } }, { params: { kind: 'nodes' } }],
    // what decides is bound in the member, and not in the host: they have tests of their own
    'resources.manifest': [],
    'resources.logs': [],
    'clusters.list': [{}],
    'workspaces.list': [{}],
    'projects.list': [{}],
    'applications.list': [{}],
    'clusters.get': [{ params: { cluster }, anyOf: seesCluster }],
    'workspaces.get': [
      { params: { workspace }, anyOf: [may('list', 'workspaces', ''), may('list', 'projects', inWorkspace)] },
    ],
    'projects.get': [
      {
        params: { project },
        anyOf: [may('list', 'projects', inWorkspace), may('get', 'projects', inWorkspace, project)],
      },
    ],
    'clusters.add': [{ body: { name: 'added', kubeconfig }, anyOf: [may('create', 'clusters', '')], status: 422 }],
    'clusters.change': [
      { params: { cluster }, body: { displayName: cluster }, anyOf: [may('patch', 'clusters', '', cluster)] },
    ],
    // this server listens where no agent reaches it, and east and west are dialled
    'agents.add': [{ body: { name: 'added' }, anyOf: [may('create', 'clusters', '')], status: 422 }],
    'agents.invite': [{ ...agentOf, body: { form: 'manifest' }, status: 409 }],
    'agents.rotate': [{ ...agentOf, body: {}, status: 409 }],
    'agents.revoke': [{ ...agentOf, body: {}, status: 409 }],
    'clusters.remove': [
      {
        params: { cluster: 'nowhere' },
        query: { objects: 'keep' },
        anyOf: [may('delete', 'clusters', '')],
        status: 404,
      },
    ],
    'users.setPassword': [
      {
        params: { user: 'nobody-there' },
        body: { password: 'a long enough one' },
        anyOf: [may('update', 'users', '')],
        status: 404,
      },
    ],
    'people.list': [{ anyOf: [may('list', 'users', '')] }],
    'people.get': [{ params: { user: 'nobody-there' }, anyOf: [may('get', 'users', '')], status: 404 }],
    'people.find': [
      { query: { project, q: 'zz' }, anyOf: [may('create', 'memberships', inProject)] },
      { query: { workspace, q: 'zz' }, anyOf: [may('create', 'memberships', inWorkspace)] },
    ],
    'roles.list': [
      { query: { project }, anyOf: [may('list', 'memberships', inProject)] },
      { query: { workspace }, anyOf: [may('list', 'memberships', inWorkspace)] },
      { anyOf: [may('list', 'memberships', systemNamespace)] },
    ],
    'members.list': [
      { query: { project }, anyOf: [may('list', 'memberships', inProject)] },
      { query: { workspace }, anyOf: [may('list', 'memberships', inWorkspace)] },
      { anyOf: [may('list', 'memberships', systemNamespace)] },
    ],
    'access.review': [
      {
        body: { user: 'admin', project, questions: [{ verb: 'get', resource: 'applications' }] },
        anyOf: [may('list', 'users', ''), may('create', 'memberships', inProject)],
      },
      {
        body: { user: 'admin', project, cluster, questions: [{ verb: 'get', group: '', resource: 'pods' }] },
        anyOf: [may('list', 'users', ''), may('create', 'memberships', inProject)],
      },
    ],
    'kinds.list': [
      { params: { kind: 'Application' }, query: { project }, anyOf: [may('list', 'applications', inProject)] },
      { params: { kind: 'Credential' }, query: { project }, anyOf: [may('list', 'credentials', inProject)] },
      { params: { kind: 'Membership' }, query: { workspace }, anyOf: [may('list', 'memberships', inWorkspace)] },
      { params: { kind: 'User' }, anyOf: [may('list', 'users', '')] },
    ],
    'kinds.get': [
      {
        params: { kind: 'Application', name: 'web' },
        query: { project },
        anyOf: [may('get', 'applications', inProject, 'web')],
      },
      {
        params: { kind: 'Project', name: project },
        query: { workspace },
        anyOf: [may('get', 'projects', inWorkspace, project)],
      },
      { params: { kind: 'Cluster', name: cluster }, anyOf: [may('get', 'clusters', '', cluster)] },
    ],
    'kinds.remove': [
      {
        params: { kind: 'Application', name: doomed },
        query: { project, objects: 'keep' },
        anyOf: [may('delete', 'applications', inProject)],
        before: () => make(application(doomed)),
      },
    ],
    'documents.apply': [
      {
        body: { documents: application('tried'), project, dryRun: true },
        anyOf: [may('edit', 'applications', inProject)],
      },
    ],
    'applications.get': [readsWeb],
    'applications.history': [readsWeb],
    'applications.revision': [{ ...readsWeb, params: { ...web.params, revision: '1' } }],
    'applications.difference': [readsWeb],
    'applications.explain': [{ ...readsWeb, query: { cluster, component: 'web', path: 'ConfigMap/web data.of' } }],
    'applications.objects': [readsWeb],
    'applications.pods': [readsWeb],
    'applications.events': [readsWeb],
    'applications.logs': [readsWeb],
    'applications.manifest': [{ ...readsWeb, query: { cluster, kind: 'ConfigMap', name: 'web', namespace: project } }],
    'applications.preview': [
      {
        params: { project },
        body: { document: application('web') },
        anyOf: [may('patch', 'applications', inProject)],
      },
    ],
    'applications.sync': [patchesWeb],
    'applications.pause': [patchesWeb],
    'applications.resume': [patchesWeb],
    'applications.revert': [{ ...patchesWeb, body: { revision: 1 } }],
    'applications.remove': [
      {
        params: { project, application: `${doomed}-too` },
        query: { objects: 'keep' },
        anyOf: [may('delete', 'applications', inProject)],
        before: async () => {
          await make(application(`${doomed}-too`))
          for (let tries = 0; tries < 50; tries++) {
            const found = await admin.applications
              .get({ params: { project, application: `${doomed}-too` } })
              .catch(() => undefined)
            if (found !== undefined) return
            await new Promise((resolve) => setTimeout(resolve, 100))
          }
        },
      },
    ],
    'applications.adopt': [
      {
        params: { project },
        body: {
          application: 'stranger',
          cluster,
          objects: [{ group: '', kind: 'ConfigMap', name: 'kube-root-ca.crt' }],
          dryRun: true,
        },
        anyOf: [may('create', 'applications', inProject)],
      },
    ],
    'uploads.put': [
      {
        params: { project, digest: `sha256:${createHash('sha256').update(upload).digest('hex')}` },
        body: upload,
        anyOf: [may('create', 'applications', inProject)],
      },
    ],
    // who may read nothing of it gets nothing of it; what is in it has a test of its own
    'audit.list': [{}],
    'audit.export': [{}],
    'audit.recording': [{ params: { recording: '00000000-0000-4000-8000-000000000000' }, status: 404 }],
    'audit.verification': [{ anyOf: [may('audit', 'memberships', '')] }],
    'audit.verify': [{ body: {}, anyOf: [may('audit', 'memberships', '')] }],
    ...releaseAsks(project),
    // the stream has a test of its own; these two end what the matrix goes on with
    'stream.watch': [],
    'session.changePassword': [],
    'session.signOut': [],
  }
  const forgotten = anyRoutes.filter(({ id, rights }) => rights.kind !== 'public' && asks[id] === undefined)
  if (forgotten.length > 0)
    throw new Error(`the matrix does not know how to ask ${forgotten.map(({ id }) => id).join(', ')}`)
  return new Map(anyRoutes.map(({ id }) => [id, [...(asks[id] ?? [])]]))
}
