import {
  type Credential,
  finalizer,
  known,
  type Known,
  type KubeObject,
  labels,
  refOf,
  settled,
  stalled,
  type Target,
  unknown,
} from '@flotilla/model'
import { type Decision, type DesiredObject, type Effect } from './decision.ts'
import { computeReady, observedGeneration } from './ownership/ready.ts'
import { type ClusterSight, computeAbsentees, type OwnedSight } from './ownership/sights.ts'

/** What the Secret beside the Credential holds, decoded. Never logged, never in a status. */
export interface CredentialSecret {
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly token?: string | undefined
  readonly sshKey?: string | undefined
}

export interface CredentialObserved {
  /** `value` undefined: there is no such Secret. */
  readonly secret: Known<CredentialSecret | undefined>
  /** Targets of its project that are ready; unknown while the project is. */
  readonly targets: Known<readonly Pick<Target, 'cluster' | 'namespace'>[]>
  /** By cluster; what is not here is not known. */
  readonly members: ReadonlyMap<string, Known<ClusterSight>>
  /** Clusters that cannot be reached now. */
  readonly lost: ReadonlySet<string>
}

export type CredentialStatus = NonNullable<Credential['status']>
export type CredentialEffect =
  | (Effect & { readonly kind: 'addFinalizer' | 'removeFinalizer' })
  | (Effect & { readonly kind: 'prune'; readonly cluster: string; readonly object: OwnedSight })
export type CredentialDecision = Decision<CredentialStatus, CredentialEffect>

/** Says whether a credential is complete, and keeps a pull secret in every target where that was asked for. */
export function reconcileCredential({
  object,
  observed,
  now,
}: {
  readonly object: Credential
  readonly observed: CredentialObserved
  /** RFC 3339, UTC. */
  readonly now: string
}): CredentialDecision {
  const { uid = '' } = object.metadata
  const going = object.metadata.deletionTimestamp !== undefined
  const held = object.metadata.finalizers?.includes(finalizer) === true
  const say = (status: 'True' | 'False' | 'Unknown', reason: string, message: string): CredentialStatus => ({
    ...observedGeneration(object),
    conditions: computeReady(object, { status, reason, message }, now),
  })
  const prunes = (wanted: Known<readonly DesiredObject[]>): CredentialEffect[] =>
    [...observed.members].flatMap(([cluster, sight]) => {
      const here: Known<ReturnType<typeof refOf>[]> = wanted.known
        ? known(wanted.value.filter((wish) => wish.cluster === cluster).map((wish) => refOf(wish.object)))
        : wanted
      return computeAbsentees(here, sight, uid).map((seen): CredentialEffect => ({
        kind: 'prune',
        key: `prune/${cluster}/${seen.uid}`,
        cluster,
        object: seen,
      }))
    })
  if (going) {
    const effects = held ? prunes(known([])) : []
    if (held) effects.push({ kind: 'removeFinalizer', key: `finalizer/${uid}/gone` })
    return { objects: known([]), effects, status: say('False', 'Removing', 'It is being removed'), next: settled }
  }
  const { secret, targets } = observed
  if (!secret.known) {
    const status = say('Unknown', 'NotSeen', secret.reason)
    return { objects: unknown(secret.reason), effects: [], status, next: settled }
  }
  const fault =
    secret.value === undefined ? `There is no Secret ${object.spec.secretName}` : faultOf(object, secret.value)
  if (secret.value === undefined || fault !== undefined) {
    const message = fault ?? 'It is not complete'
    // copies that work are not taken away because their source is being changed
    return {
      objects: unknown(message),
      effects: [],
      status: say('False', 'Incomplete', message),
      next: stalled(message),
    }
  }
  if (!object.spec.copyToTargets) {
    const status = say('True', 'Ready', `Opens ${object.spec.host}`)
    const effects = held
      ? [...prunes(known([])), { kind: 'removeFinalizer' as const, key: `finalizer/${uid}/unused` }]
      : []
    return { objects: known([]), effects, status, next: settled }
  }
  if (!targets.known) {
    return {
      objects: unknown(targets.reason),
      effects: [],
      status: say('Unknown', 'NotSeen', targets.reason),
      next: settled,
    }
  }
  const reached = targets.value.filter(({ cluster }) => !observed.lost.has(cluster))
  const waits = targets.value.filter(({ cluster }) => observed.lost.has(cluster)).map(({ cluster }) => cluster)
  const copy = secret.value
  const objects = reached.map(({ cluster, namespace }) => ({ cluster, object: pullSecret(object, copy, namespace) }))
  const effects: CredentialEffect[] = held ? [] : [{ kind: 'addFinalizer', key: `finalizer/${uid}` }]
  const status =
    waits.length > 0
      ? say(
          'Unknown',
          'TargetsOpen',
          `Opens ${object.spec.host}; not copied to ${[...new Set(waits)].sort().join(', ')} yet, which cannot be reached`,
        )
      : say('True', 'Ready', `Opens ${object.spec.host}; copied to ${targets.value.length} targets`)
  return { objects: known(objects), effects: [...effects, ...prunes(known(objects))], status, next: settled }
}

/** What is missing, by name of the key; never what is there. */
function faultOf({ spec }: Credential, { username, password, token, sshKey }: CredentialSecret): string | undefined {
  const pair = username !== undefined && password !== undefined
  switch (spec.type) {
    case 'Registry':
    case 'HelmRepository':
      return pair ? undefined : `The Secret ${spec.secretName} needs the keys username and password`
    case 'Git':
      if (pair || token !== undefined) return undefined
      return sshKey === undefined
        ? `The Secret ${spec.secretName} needs the keys username and password, or token`
        : `The Secret ${spec.secretName} has an ssh-privatekey only, and Git is read over https: give it token, or username and password`
    default:
      return spec.type satisfies never
  }
}

function pullSecret(
  credential: Credential,
  { username = '', password = '' }: CredentialSecret,
  namespace: string,
): KubeObject {
  const auth = Buffer.from(`${username}:${password}`).toString('base64')
  const config = JSON.stringify({ auths: { [credential.spec.host]: { username, password, auth } } })
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: credential.metadata.name,
      namespace,
      labels: { [labels.managed]: 'credential', [labels.owner]: credential.metadata.uid ?? '' },
    },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(config).toString('base64') },
  }
}
