import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { resourceNames } from '@flotilla/api'
import { kinds } from '@flotilla/model'
import { applications, type Person } from './plant-everywhere.ts'
import type { Asks } from './walk-routes.ts'

export interface AsksOptions {
  /** Of the workspace and of the project. */
  readonly name: string
  readonly person: Person
  readonly newPassword: string
  /** An edit of the application `fine`. */
  readonly document: string
  /** With a secret in it. */
  readonly kubeconfig: (user: object) => string
}

const member = 'west'
const upload = gzipSync('nothing')

/** How every route of the contract is asked so that it says as much as it can; what ends something comes last. */
export function asksOf({ name, person, newPassword, document, kubeconfig }: AsksOptions): Asks {
  const each = applications.map((application) => ({ params: { application } }))
  const fine = { params: { application: 'fine' } }
  const change = [{ ...fine, body: {} }]
  const manifestOf = (kind: string, of: string) => ({
    ...fine,
    query: { cluster: member, kind, name: of, namespace: name },
  })
  const where = (kind: string): Record<string, string> => {
    if (kind === 'Project' || kind === 'Membership') return { workspace: name }
    return kinds.find((one) => one.kind === kind)?.scope === 'Cluster' ? {} : { project: name }
  }
  const explain = (path: string) => ({ ...fine, query: { cluster: member, component: 'web', path } })
  const seen = { params: { release: 'seen' } }
  const nowhere = { params: { rollout: 'nothing' }, status: 404 }
  return {
    'stream.watch': [
      {
        query: {
          topics: `clusters,applications,projects,workspaces,releases,rollouts,application:${name}/fine,application:${name}/fail`,
        },
      },
    ],
    'meta.get': [{}],
    'session.signIn': [
      { body: { username: person.name, password: person.password, kind: 'browser' } },
      { body: { username: person.name, password: `${person.password}?`, kind: 'cli' }, status: 401 },
    ],
    'signIn.ways': [{}],
    'signIn.begin': [{ params: { provider: 'nobody' }, body: {}, status: 404 }],
    'signIn.finish': [{ params: { provider: 'nobody' }, body: { parameters: '?code=x&state=y' }, status: 404 }],
    'providers.setSecret': [{ params: { provider: 'nobody' }, body: { secret: newPassword }, status: 404 }],
    'providers.test': [{ params: { provider: 'nobody' }, body: {}, status: 404 }],
    'serviceAccounts.list': [{ query: { project: name } }],
    'serviceAccounts.add': [{ body: { name: `sa-${name}`, project: name } }],
    'serviceAccounts.remove': [{ params: { user: 'nobody-there' }, status: 404 }],
    'tokens.list': [{}, { query: { user: person.name } }],
    'tokens.create': [{ body: { name: 'seen', access: 'read' } }],
    'tokens.revoke': [{ params: { token: '0'.repeat(16) }, status: 404 }],
    'session.get': [{}],
    'session.grantCommandLine': [{ body: { challenge: 'c'.repeat(43) }, status: 403 }],
    'session.redeemCommandLine': [{ body: { code: newPassword, verifier: 'v'.repeat(43) }, status: 401 }],
    'kubernetes.clusters': [{}],
    'kubernetes.token': [{ body: {} }],
    'access.check': [{ body: { questions: [{ verb: 'get', group: '', resource: 'secrets', project: name }] } }],
    'access.review': [
      { body: { user: person.name, project: name, questions: [{ verb: 'get', group: '', resource: 'secrets' }] } },
      {
        body: {
          user: person.name,
          project: name,
          cluster: member,
          questions: [{ verb: 'get', group: '', resource: 'secrets' }],
        },
      },
    ],
    'people.list': [{}],
    'people.get': [{ params: { user: person.name } }],
    'people.find': [{ query: { project: name, q: person.name.slice(0, 2) } }],
    'roles.list': [{}, { query: { workspace: name } }, { query: { project: name } }],
    'members.list': [{}, { query: { workspace: name } }, { query: { project: name } }],
    'resources.list': resourceNames.map((kind) => ({ params: { kind } })),
    'resources.manifest': [
      { params: { kind: 'services', cluster: member, name: 'web' }, query: { namespace: name }, status: 404 },
    ],
    'resources.logs': [{ params: { cluster: member, name: 'web' }, query: { namespace: name }, status: 404 }],
    'clusters.list': [{}],
    'clusters.get': [{}],
    'clusters.change': [{ body: { labels: { 'example.com/seen': 'yes' } } }],
    'workspaces.list': [{}],
    'workspaces.get': [{}],
    'projects.list': [{}],
    'projects.get': [{}],
    'kinds.describe': [{}],
    'kinds.list': kinds.map(({ kind }) => ({ params: { kind }, query: where(kind) })),
    'kinds.get': [
      ...applications.map((of) => ({ params: { kind: 'Application', name: of }, query: where('Application') })),
      { params: { kind: 'Delivery', name: `fine.${member}` }, query: where('Delivery') },
      { params: { kind: 'Delivery', name: `refused.${member}` }, query: where('Delivery') },
      { params: { kind: 'Credential', name: 'pull' }, query: where('Credential') },
      { params: { kind: 'Cluster', name: member } },
    ],
    'schemas.get': [{ params: { kind: 'Credential' } }],
    'applications.list': [{}, { query: { q: 'fine' } }],
    'applications.get': each,
    'applications.history': each,
    'applications.revision': [{ params: { application: 'fine', revision: '1' } }],
    'applications.objects': each,
    'applications.pods': each,
    'applications.events': each,
    'applications.logs': each,
    'applications.difference': each,
    'applications.manifest': [manifestOf('Secret', 'web'), { ...manifestOf('Secret', 'stranger'), status: 404 }],
    'applications.explain': [
      explain('password'),
      explain('mode'),
      explain('Secret/web data.password'),
      explain('Secret/web data.again'),
      explain('Secret/web'),
    ],
    'applications.preview': [{ body: { document } }, { body: { document, against: 'live' } }],
    'documents.apply': [{ body: { documents: document, project: name, dryRun: true } }],
    'uploads.put': [
      { params: { digest: `sha256:${createHash('sha256').update(upload).digest('hex')}` }, body: upload },
    ],
    'applications.adopt': [
      {
        body: {
          application: 'stranger',
          cluster: member,
          objects: [{ group: '', kind: 'ConfigMap', name: 'kube-root-ca.crt' }],
          dryRun: true,
        },
      },
    ],
    'releases.create': [{ body: { application: 'fine', name: 'seen', title: 'seen' } }],
    'releases.list': [{}, { query: { q: 'seen' } }],
    'releases.get': [seen, { params: { release: 'nothing' }, status: 404 }],
    'releases.difference': [seen],
    'releases.reject': [{ ...seen, body: { reason: 'only to be seen' } }],
    'releases.freeze': [{ ...seen, body: {}, status: 409 }],
    'approvals.give': [{ body: { release: 'seen', digest: 'none' }, status: 409 }],
    'plans.list': [{}],
    'plans.check': [{ params: { plan: 'nothing' }, body: { release: 'seen' }, status: 404 }],
    'rollouts.list': [{}],
    'rollouts.get': [nowhere],
    'rollouts.start': [{ body: { release: 'seen', plan: 'nothing' }, status: 404 }],
    'rollouts.pause': [{ ...nowhere, body: {} }],
    'rollouts.resume': [{ ...nowhere, body: {} }],
    'rollouts.abort': [{ ...nowhere, body: { reason: 'seen' } }],
    'rollouts.retry': [{ ...nowhere, body: {} }],
    'rollouts.skip': [{ ...nowhere, body: { cluster: member, reason: 'seen' } }],
    'rollouts.resolve': [{ ...nowhere, body: { stage: 'all', step: 'migrate', outcome: 'Succeeded', reason: 'seen' } }],
    'rollouts.rollback': [{ ...nowhere, body: { reason: 'seen' } }],
    'rollouts.log': [{ ...nowhere, query: { stage: 'all', step: 'migrate' } }],
    'applications.resolveHook': [{ ...fine, body: { outcome: 'Failed', reason: 'seen' }, status: 404 }],
    'applications.liftHold': change,
    'history.list': [{}, { query: { application: 'fine' } }],
    'history.where': [{ query: { image: 'nginx' } }],
    'clusters.add': [
      // one that names a program, and one whose token opens nothing
      { body: { name: 'added', kubeconfig: kubeconfig({ exec: { command: 'x' } }) }, status: 422 },
      { body: { name: 'added', kubeconfig: kubeconfig({}) }, status: 502 },
    ],
    // nobody else reaches this server, and this member is reached directly
    'agents.add': [{ body: { name: 'added' }, status: 422 }],
    'agents.invite': [{ params: { cluster: member }, body: { form: 'manifest' }, status: 409 }],
    'agents.rotate': [{ params: { cluster: member }, body: {}, status: 409 }],
    'agents.revoke': [{ params: { cluster: member }, body: {}, status: 409 }],
    'applications.sync': change,
    'applications.pause': change,
    'applications.resume': change,
    'applications.revert': [{ ...fine, body: { revision: 1 } }],
    // refused by its controller: it is not there
    'moves.start': [{ ...fine, body: { from: { clusters: ['nowhere'] }, to: { clusters: ['elsewhere'] } } }],
    'moves.list': [{}, { query: { application: 'fine' } }],
    'moves.get': [{ params: { move: 'nobody' }, status: 404 }],
    'moves.confirmTraffic': [{ params: { move: 'nobody' }, body: {}, status: 404 }],
    'moves.undo': [{ params: { move: 'nobody' }, body: {}, status: 404 }],
    'moves.abort': [{ params: { move: 'nobody' }, body: {}, status: 404 }],
    'users.setPassword': [
      { params: { user: person.name }, body: { password: 'short', mustChange: false }, status: 422 },
    ],
    'applications.remove': [{ params: { application: 'git' }, query: { objects: 'delete' } }],
    'kinds.remove': [{ params: { kind: 'Credential', name: 'token' }, query: where('Credential') }],
    'clusters.remove': [{ params: { cluster: 'nowhere' }, query: { objects: 'keep' }, status: 404 }],
    'audit.list': [{}, { query: { project: name } }],
    'audit.export': [{}],
    'audit.recording': [{ params: { recording: '00000000-0000-4000-8000-000000000000' }, status: 404 }],
    'audit.verification': [{}],
    'audit.verify': [{ body: {} }],
    'session.changePassword': [{ body: { currentPassword: person.password, newPassword } }],
    'session.signOut': [{}],
  }
}
