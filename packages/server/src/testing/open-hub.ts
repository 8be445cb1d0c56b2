import { randomBytes } from 'node:crypto'
import { createKubeClient, type KubeClient, systemClock } from '@flotilla/kube'
import { type Fleet, openTestFleet } from '@flotilla/local'
import {
  apiVersion,
  group,
  type KubeObject,
  labels,
  projectNamespace,
  refOf,
  version,
  workspaceNamespace,
} from '@flotilla/model'
import { installPlatform } from '../access/install/install-platform.ts'
import { connectionOf } from '@flotilla/kube/testing/connection-of'

/** The host of the test fleet with the platform installed, for tests that need no server on it. */
export interface Hub extends AsyncDisposable {
  readonly fleet: Fleet
  readonly client: KubeClient
  /** A part of names, so that tests do not meet. */
  readonly suffix: string
  /** Made now, taken away at the end. */
  make(object: KubeObject): Promise<KubeObject>
  /** A client of a member or of the hub with administrator rights. */
  connect(cluster: string): KubeClient
}

export async function openHub(): Promise<Hub> {
  const fleet = await openTestFleet()
  const opened: KubeClient[] = []
  const connect = (cluster: string): KubeClient => {
    const found = fleet.clusters[cluster]
    if (found === undefined) throw new Error(`the test fleet has no cluster ${cluster}`)
    const connection = connectionOf(found.kubeconfig)
    const client = createKubeClient({ name: cluster, connection, userAgent: 'flotilla-server-test' })
    opened.push(client)
    return client
  }
  const client = connect('hub')
  await installPlatform({ host: client, clock: systemClock, signal: AbortSignal.timeout(60_000) })
  const made: KubeObject[] = []
  return {
    fleet,
    client,
    connect,
    suffix: randomBytes(3).toString('hex'),
    make: async (object) => {
      const created = await client.create(object)
      made.push(created)
      return created
    },
    [Symbol.asyncDispose]: async () => {
      for (const object of made.toReversed()) {
        const { uid } = object.metadata
        await client.delete(refOf(object), uid === undefined ? {} : { uid }).catch(() => 'gone already')
      }
      await Promise.all(opened.map((one) => one.close()))
    },
  }
}

/** Host namespaces as the controllers make them, for a workspace and a project that no server works on. */
export async function makeTenant(hub: Hub, name: string): Promise<{ workspace: string; project: string; uid: string }> {
  const workspace = workspaceNamespace(name)
  const project = projectNamespace(name)
  const uid = `test-${name}`
  const namespace = (of: string, managed: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: of, labels: { [labels.managed]: managed, [labels.owner]: uid, [labels.workspace]: name } },
  })
  await hub.make(namespace(workspace, 'workspace'))
  await hub.make(namespace(project, 'project'))
  return { workspace, project, uid }
}

export const kindRef = (kind: string) => ({ group, version, kind })

export const application = (namespace: string, name: string, spec: Record<string, unknown> = {}): KubeObject => ({
  apiVersion,
  kind: 'Application',
  metadata: { name, namespace },
  spec: { components: [{ name: 'web', manifests: { inline: 'a: 1' } }], ...spec },
})
