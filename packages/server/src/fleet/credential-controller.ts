import { type Controller, failpoint, pruneObjects, writeStatus } from '@flotilla/engine'
import type { KubeClient } from '@flotilla/kube'
import {
  type Credential,
  known,
  type Known,
  type Next,
  projectNamespace,
  retry,
  settled,
  type Target,
  unknown,
} from '@flotilla/model'
import { type CredentialObserved, type CredentialSecret, reconcileCredential } from '@flotilla/reconcile'
import { type FleetDeps, nowOf, splitKey } from './controller-deps.ts'
import { executeDesired } from './execute-desired.ts'
import { addFinalizer, removeFinalizer } from './finalizers.ts'

/** Checks each Credential, and keeps its pull secret in the project's targets where that was asked for. */
export function createCredentialController(deps: FleetDeps): Controller {
  const { host, state, fleet, clock } = deps
  return {
    name: 'credential',
    concurrency: 4,
    work: async (key, signal): Promise<Next> => {
      const { namespace, name } = splitKey(key)
      let object = state.credentials.get(namespace, name)
      if (object === undefined) return settled
      const project = projectOf(deps, namespace)
      const decision = reconcileCredential({
        object,
        observed: await observe(deps, object, project, signal),
        now: nowOf(clock),
      })
      if (decision.effects.some(({ kind }) => kind === 'addFinalizer')) {
        object = await addFinalizer(host, object, signal)
        failpoint('credential.finalizer')
      }
      // copies are written as the project's own delivery group: it has no right outside the project's namespaces
      const as = (cluster: string): Known<KubeClient> =>
        project === undefined ? unknown('its project is not known') : fleet.deliveryClient(cluster, project.uid)
      const failures = await executeDesired(deps, decision.objects, signal, as)
      failpoint('credential.objects')
      for (const effect of decision.effects) {
        if (effect.kind !== 'prune') continue
        const member = fleet.client(effect.cluster)
        const outcome = member.known ? await pruneObjects(member.value, [effect.object], signal) : undefined
        if (outcome?.failures[0] !== undefined) throw outcome.failures[0].error
        failpoint('credential.prune')
      }
      await writeStatus(host, object, decision.status, { signal })
      failpoint('credential.status')
      if (decision.effects.some(({ kind }) => kind === 'removeFinalizer')) await removeFinalizer(host, object, signal)
      const [failure] = failures
      return failure === undefined ? decision.next : retry(failure)
    },
  }
}

interface ProjectSight {
  readonly uid: string
  readonly targets: readonly Pick<Target, 'cluster' | 'namespace'>[]
}

function projectOf({ state }: FleetDeps, namespace: string): ProjectSight | undefined {
  const project = state.projects
    .list()
    .find(({ metadata, status }) => projectNamespace(metadata.name) === namespace && status?.namespace === namespace)
  if (project?.metadata.uid === undefined) return undefined
  const targets = (project.status?.targets ?? []).filter(({ state: is }) => is === 'Ready' || is === 'Unknown')
  return { uid: project.metadata.uid, targets }
}

async function observe(
  deps: FleetDeps,
  object: Credential,
  project: ProjectSight | undefined,
  signal: AbortSignal,
): Promise<CredentialObserved> {
  const { fleet, members } = deps
  const clusters = fleet.list()
  return {
    secret: known(await readSecret(deps.host, object, signal)),
    targets: project === undefined ? unknown('Its project is not ready yet') : known(project.targets),
    members: new Map(clusters.map(({ name }) => [name, members.sight(name)])),
    lost: new Set(clusters.filter(({ connection }) => connection.state !== 'connected').map(({ name }) => name)),
  }
}

async function readSecret(
  host: KubeClient,
  { metadata, spec }: Credential,
  signal: AbortSignal,
): Promise<CredentialSecret | undefined> {
  const key = { group: '', version: 'v1', kind: 'Secret', namespace: metadata.namespace ?? '', name: spec.secretName }
  const secret = await host.find(key, { signal })
  if (secret === undefined) return undefined
  const content = (secret['data'] ?? {}) as Readonly<Record<string, unknown>>
  const text = (field: string): string | undefined => {
    const value = content[field]
    return typeof value === 'string' && value !== '' ? Buffer.from(value, 'base64').toString() : undefined
  }
  return {
    username: text('username'),
    password: text('password'),
    token: text('token'),
    sshKey: text('ssh-privatekey'),
  }
}
