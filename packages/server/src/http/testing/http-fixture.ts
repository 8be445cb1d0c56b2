import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@flotilla/engine'
import { systemClock } from '@flotilla/kube'
import { Application, Cluster, Delivery, Membership, Project, User, Workspace, unknown } from '@flotilla/model'
import { hashPassword } from '../../access/password-hash.ts'
import { auditWithoutAnchors } from '../../audit/testing/audit-without-anchors.ts'
import { openSqliteStore } from '../../store/sqlite-store.ts'
import type { Store } from '../../store/store.ts'
import { createHttp, type HttpServer } from '../create-http.ts'
import type { HttpDeps } from '../deps.ts'
import { MemoryFleet, type MemoryState, memoryState } from './memory-state.ts'
import { StandInHost } from './stand-in-host.ts'

export interface HttpFixture {
  readonly http: HttpServer
  readonly state: MemoryState
  readonly fleet: MemoryFleet
  readonly host: StandInHost
  readonly store: Store
  /** Milliseconds by which the server's clock is ahead. */
  ahead: number
  close(): Promise<void>
}

export const password = 'correct horse battery'
export const csrf = { 'x-flotilla-request': '1' }

const nothing = (): never => {
  throw new Error('not part of this test')
}

/** A server with a real store and a real Fastify, over a state in memory: workspace retail with project shop, and users admin, dora and eve. */
export async function httpFixture(
  overrides: Partial<HttpDeps> & { readonly state?: MemoryState } = {},
): Promise<HttpFixture> {
  const dataDir = await mkdtemp(join(tmpdir(), 'flotilla-http-'))
  const store = await openSqliteStore({ dataDir })
  const state = overrides.state ?? memoryState()
  const fleet = new MemoryFleet()
  const host = new StandInHost()
  const fixture = { ahead: 0 }
  for (const name of ['admin', 'dora', 'eve']) state.users.put(user(name))
  state.workspaces.put(workspace('retail'))
  state.projects.put(project('shop', 'retail'))
  state.memberships.put(membership('admin', 'flotilla-system', 'admin'))
  state.memberships.put(membership('dora', 'ws-retail', 'developer'))
  const hash = await hashPassword(password, { memory: 64, passes: 1, parallelism: 1 })
  for (const name of ['admin', 'dora', 'eve'])
    await store.passwords.put({ userUid: `uid-${name}`, hash, failures: 0, mustChange: false })
  const audit = auditWithoutAnchors(store.audit)
  const http = await createHttp({
    version: '0.0.0-test',
    log: silentLog,
    clock: { ...systemClock, now: () => Date.now() + fixture.ahead },
    state,
    fleet: {
      host: host.client(),
      list: () => fleet.list(),
      get: (name) => fleet.get(name),
      client: () => unknown('no member in this test'),
      deliveryClient: () => unknown('no member in this test'),
      onChange: (listener) => fleet.onChange(listener),
    },
    live: { objects: () => unknown('no member in this test') },
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
    checkAnswers: true,
    ...overrides,
  })
  return Object.assign(fixture, {
    http,
    state,
    fleet,
    host,
    store,
    close: async () => {
      await http.close()
      await audit.close()
      await store.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  })
}

/** Signs in as the command line does; gives the headers of further requests. */
export async function signIn({ http }: HttpFixture, username: string): Promise<{ authorization: string }> {
  const answer = await http.app.inject({
    method: 'POST',
    url: '/api/v1/session',
    headers: csrf,
    payload: { username, password, kind: 'cli' },
  })
  const { token } = answer.json<{ token: string }>()
  return { authorization: `Bearer ${token}` }
}

const meta = (name: string, namespace?: string) => ({
  name,
  uid: `uid-${name}`,
  resourceVersion: '1',
  generation: 1,
  creationTimestamp: '2026-01-01T00:00:00Z',
  ...(namespace === undefined ? {} : { namespace }),
})
const base = { apiVersion: 'flotilla.dev/v1alpha1' }

export const user = (name: string, disabled = false): User =>
  User.parse({ ...base, kind: 'User', metadata: meta(name), spec: { disabled } })

export const workspace = (name: string): Workspace =>
  Workspace.parse({ ...base, kind: 'Workspace', metadata: meta(name), spec: {} })

export const project = (name: string, of: string): Project =>
  Project.parse({
    ...base,
    kind: 'Project',
    metadata: meta(name, `ws-${of}`),
    spec: { targets: [{ clusters: {} }] },
  })

export const membership = (of: string, namespace: string, role: string): Membership =>
  Membership.parse({
    ...base,
    kind: 'Membership',
    metadata: meta(`${of}-${role}`, namespace),
    spec: { user: of, role },
    status: { userUid: `uid-${of}` },
  })

export const cluster = (name: string): Cluster =>
  Cluster.parse({
    ...base,
    kind: 'Cluster',
    metadata: { ...meta(name), labels: { region: name } },
    spec: { connection: { type: 'direct', server: 'https://10.0.0.1:6443', secretName: `cluster-${name}` } },
  })

export const application = (name: string, of = 'shop', spec: Record<string, unknown> = {}): Application =>
  Application.parse({
    ...base,
    kind: 'Application',
    metadata: { ...meta(name, `pj-${of}`), uid: `uid-${of}-${name}` },
    spec: { components: [{ name: 'web', manifests: { inline: 'kind: ConfigMap' } }], ...spec },
    status: { revision: 1 },
  })

export const delivery = (of: string, at: string, status: Record<string, unknown> = {}, in_ = 'shop'): Delivery =>
  Delivery.parse({
    ...base,
    kind: 'Delivery',
    metadata: { ...meta(`${of}.${at}`, `pj-${in_}`), uid: `uid-${of}-${at}` },
    spec: {
      application: { name: of, uid: `uid-${in_}-${of}` },
      project: { name: in_, uid: `uid-${in_}` },
      target: { cluster: at, namespace: in_ },
      desired: { revision: 1, digest: 'd1', components: [{ name: 'web', digest: 'd1', version: '1.0.0' }] },
    },
    status: {
      phase: 'Settled',
      health: 'Healthy',
      healthSince: '2026-01-02T00:00:00Z',
      applied: { revision: 1, digest: 'd1', at: '2026-01-02T00:00:00Z' },
      components: [{ name: 'web', health: 'Healthy', version: '1.0.0', ready: 2, wanted: 2 }],
      ...status,
    },
  })
