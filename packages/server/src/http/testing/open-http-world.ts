import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ApiClient, createApiClient } from '@flotilla/api'
import { silentLog } from '@flotilla/engine'
import { createKubeClient, type KubeClient, systemClock } from '@flotilla/kube'
import { openTestFleet } from '@flotilla/local'
import {
  apiVersion,
  FlotillaError,
  known,
  type KubeObject,
  projectNamespace,
  systemNamespace,
  workspaceNamespace,
} from '@flotilla/model'
import { createAddressGuard } from '@flotilla/render'
import { runProviders } from '../../access/providers/provider-controller.ts'
import { createProviderSignIn } from '../../access/providers/provider-sign-in.ts'
import { installPlatform } from '../../access/install/install-platform.ts'
import { hashPassword } from '../../access/password-hash.ts'
import { createSecretIndex } from '../../fleet/secret-index.ts'
import { createHostState } from '../../fleet/host-state.ts'
import { openSqliteStore } from '../../store/sqlite-store.ts'
import { auditWithoutAnchors } from '../../audit/testing/audit-without-anchors.ts'
import { createHttp } from '../create-http.ts'
import { consoleOrigin } from './provider-fixture.ts'
import { startTalker } from './start-talker.ts'
import { connectionOf } from '@flotilla/kube/testing/connection-of'
import { until } from '../../testing/until.ts'

const fieldManager = 'http-test'
const rbacVersion = 'rbac.authorization.k8s.io/v1'
export const password = 'a password for tests'

export interface HttpWorld {
  /** In the name of everything that is made. */
  readonly id: string
  /** Where `dora` may write Applications. */
  readonly project: string
  /** Where she may not. */
  readonly other: string
  readonly hub: KubeClient
  readonly url: string
  readonly dir: string
  readonly admin: ApiClient
  readonly dora: ApiClient
  enter(name: 'admin' | 'dora'): Promise<ApiClient>
  /** Makes it in the host; it goes with the world. */
  make(given: KubeObject): Promise<KubeObject>
  /** The binding of `dora`. */
  readonly binding: KubeObject
  close(): Promise<void>
}

/**
 * The HTTP side on a real host and a real member, under names of its own. The controllers do not run: what they would
 * bind is bound by hand.
 */
export async function openHttpWorld(
  options: { readonly talker?: boolean; readonly providerHosts?: readonly string[] } = {},
): Promise<HttpWorld> {
  const id = randomBytes(3).toString('hex')
  const [workspace, project, other] = [`w${id}`, `p${id}`, `q${id}`]
  const ending = new AbortController()
  const { signal } = ending
  const fleet = await openTestFleet()
  const clientOf = (name: string): KubeClient => {
    const connection = connectionOf(fleet.clusters[name]?.kubeconfig)
    return createKubeClient({ name, connection, userAgent: 'http-test' })
  }
  const [hub, east] = [clientOf('hub'), clientOf('east')]
  const made: [KubeClient, KubeObject][] = []
  const makeIn = async (client: KubeClient, given: KubeObject): Promise<KubeObject> => {
    made.push([client, given])
    return await client.apply(given, { fieldManager, force: true })
  }
  const make = (given: KubeObject): Promise<KubeObject> => makeIn(hub, given)
  const dir = await mkdtemp(join(tmpdir(), 'flotilla-http-cluster-'))
  const closers: (() => Promise<unknown>)[] = []
  const close = async (): Promise<void> => {
    ending.abort()
    for (const one of closers.toReversed()) await one()
    for (const [client, given] of made.toReversed()) await client.delete(keyOf(given)).catch(() => 'gone')
    await Promise.all([hub.close(), east.close()])
    await rm(dir, { recursive: true, force: true })
  }
  try {
    await installPlatform({ host: hub, clock: systemClock, signal })
    for (const name of [workspaceNamespace(workspace), projectNamespace(project), projectNamespace(other)]) {
      const managed = name.startsWith('ws-') ? 'workspace' : 'project'
      const labels = { 'flotilla.dev/managed': managed, 'flotilla.dev/workspace': workspace }
      await make({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } })
    }
    const store = await openSqliteStore({ dataDir: dir })
    closers.push(() => store.close())
    const hash = await hashPassword(password, { memory: 64, passes: 1, parallelism: 1 })
    const addUser = async (name: string): Promise<string> => {
      const user = await make(object('User', `${name}-${id}`, { spec: {} }))
      const uid = user.metadata.uid ?? ''
      await store.passwords.put({ userUid: uid, hash, failures: 0, mustChange: false })
      return uid
    }
    const administrator = await addUser('admin')
    const membership = object(
      'Membership',
      `admin-${id}`,
      { spec: { user: `admin-${id}`, role: 'admin' } },
      systemNamespace,
    )
    await make(membership)
    await hub.applyStatus({ ...membership, status: { userUid: administrator } }, { fieldManager, force: true })
    // what the controller of clusters binds in a member
    await makeIn(east, {
      ...bindingOf('ClusterRoleBinding', `http-test-${id}`, 'cluster-admin', 'ClusterRole', administrator),
    })
    const namespace = projectNamespace(project)
    await make({
      apiVersion: rbacVersion,
      kind: 'Role',
      metadata: { name: 'http-test', namespace },
      rules: [{ apiGroups: ['flotilla.dev'], resources: ['applications'], verbs: ['*'] }],
    })
    const binding = bindingOf('RoleBinding', 'http-test', 'http-test', 'Role', await addUser('dora'), namespace)
    await make(binding)
    let workloadUid = ''
    if (options.talker === true) {
      await makeIn(east, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: project } })
      workloadUid = await startTalker(east, fleet.registry.pushImage, { id, namespace: project })
    }
    const state = createHostState({ client: hub, log: silentLog, signal })
    await state.synced(signal)
    const nothing = () => Promise.reject(new FlotillaError('internal', { message: 'not part of this test' }))
    const talker = {
      ref: { group: 'apps', version: 'v1', kind: 'Deployment', namespace: project, name: 'talker' },
      uid: workloadUid,
      resourceVersion: '1',
      contentHash: '',
      health: { state: 'Healthy', message: '' },
      images: [],
      scaledByOther: false,
      component: 'talker',
    } as const
    const { providerHosts } = options
    const providers =
      providerHosts === undefined
        ? undefined
        : createProviderSignIn({
            host: hub,
            state,
            guard: createAddressGuard({ allowedHosts: providerHosts }),
            insecureHosts: providerHosts,
            consoleUrl: new URL(consoleOrigin),
            key: store.digestKey,
            clock: systemClock,
            log: silentLog,
          })
    if (providers !== undefined) {
      const secrets = createSecretIndex(hub, signal)
      const asking = runProviders(
        { host: hub, state, clock: systemClock, providers },
        { secrets, signal, log: silentLog },
      )
      closers.push(() => asking.stop())
    }
    const audit = auditWithoutAnchors(store.audit)
    closers.push(() => audit.close())
    const http = await createHttp({
      version: '0.0.0-test',
      log: silentLog,
      clock: systemClock,
      state,
      fleet: {
        host: hub,
        list: () => [],
        get: (name) =>
          name === 'east'
            ? { name, labels: {}, edge: false, connection: { state: 'connected', since: '', version: 'v1' } }
            : undefined,
        client: () => known(east),
        deliveryClient: () => known(east),
        onChange: () => () => undefined,
      },
      live: { objects: () => known(options.talker === true ? [talker] : []) },
      store,
      audit,
      clusters: { add: nothing, remove: nothing },
      agents: {
        add: nothing,
        invite: nothing,
        rotate: nothing,
        revoke: nothing,
        redeem: nothing,
        isConnected: () => undefined,
      },
      delivery: {
        revert: nothing,
        explain: nothing,
        preview: nothing,
        difference: nothing,
        adopt: nothing,
        resolveHook: nothing,
      },
      releases: {
        components: async () => [],
        difference: nothing,
        runningVersions: nothing,
        checkStart: nothing,
        stepLog: nothing,
        hookLog: nothing,
      },
      rolloutDocuments: { get: async () => undefined },
      providers,
      checkAnswers: true,
    })
    closers.push(() => http.close())
    const { url } = await http.listen({ host: '127.0.0.1', port: 0 })
    const enter = async (name: string): Promise<ApiClient> => {
      const body = { username: `${name}-${id}`, password, kind: 'cli' as const }
      const { token } = await createApiClient({ baseUrl: url }).session.signIn({ body })
      return createApiClient({ baseUrl: url, token })
    }
    const [admin, dora] = [await enter('admin'), await enter('dora')]
    return { id, project, other, hub, url, dir, admin, dora, enter, make, binding, close }
  } catch (thrown) {
    await close()
    throw thrown
  }
}

export const object = (
  kind: string,
  name: string,
  more: Record<string, unknown> = {},
  namespace?: string,
): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  ...more,
})

function bindingOf(
  kind: string,
  name: string,
  role: string,
  roleKind: string,
  uid: string,
  namespace?: string,
): KubeObject {
  return {
    apiVersion: rbacVersion,
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: roleKind, name: role },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: `flotilla:user:${uid}` }],
  }
}

export const keyOf = ({ apiVersion: of, kind, metadata: { name, namespace } }: KubeObject) => ({
  group: of.includes('/') ? (of.split('/')[0] ?? '') : '',
  kind,
  name,
  namespace,
})

/** An Application as a person writes it. */
export const applicationYaml = (name: string, more = ''): string =>
  `apiVersion: ${apiVersion}\nkind: Application\nmetadata: { name: ${name} }\nspec:\n  components:\n    - name: talker\n      manifests: { inline: "kind: X" }\n${more}`

/** A Delivery of `web` to east and, when both its pods run, they. */
export async function deliverTalker({ make, admin, project }: HttpWorld): Promise<void> {
  await admin.documents.apply({ body: { documents: applicationYaml('web'), project } })
  const spec = {
    application: { name: 'web', uid: 'x' },
    project: { name: project, uid: 'x' },
    target: { cluster: 'east', namespace: project },
  }
  await make(object('Delivery', 'web.east', { spec }, projectNamespace(project)))
  await until('two pods', async () => {
    const { items } = await admin.applications
      .pods({ params: { project, application: 'web' } })
      .catch(() => ({ items: [] }))
    return items.filter((pod) => pod.ready === 1).length === 2 ? items : undefined
  })
}
