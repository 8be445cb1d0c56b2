import type { Clock, Identity, KubeClient } from '@flotilla/kube'
import type { Log } from '@flotilla/engine'
import type {
  Application,
  Cluster,
  Delivery,
  Known,
  Project,
  Release,
  ReleaseChoice,
  Rollout,
  RolloutDocument,
  RolloutSpec,
  ShellRecording,
  StepRef,
  TargetRef,
} from '@flotilla/model'
import type {
  AdoptAnswer,
  DifferenceAnswer,
  ExplainAnswer,
  PlanCheck,
  PreviewAnswer,
  ReleaseDetail,
  ReleaseDifference,
  RouteBody,
  RouteResult,
} from '@flotilla/api'
import type { ProviderSignIn } from '../access/providers/provider-sign-in.ts'
import type { Audit } from '../audit/open-audit.ts'
import type { RecordingLimits } from '../audit/recording/record-shell.ts'
import type { RbacView } from '../access/rbac/rbac-view.ts'
import type { AgentDoor } from '../fleet/agents/agent-door.ts'
import type { AgentService } from '../fleet/agents/agent-service.ts'
import type { FleetConnections } from '../fleet/connections.ts'
import type { IndexLimits } from '../fleet/index/resource-index.ts'
import type { HostState } from '../fleet/host-state.ts'
import type { LiveState } from '../delivery/live-state.ts'
import type { Store } from '../store/store.ts'
import type { ExchangeLimits } from './kubernetes/open-exchanges.ts'
import type { CertificateSource } from './tls/keep-renewed.ts'
import type { OwnCertificate } from './tls/own-certificate.ts'
import type { StreamLimits } from './stream/stream-reader.ts'

/** The body of the route, with its kubeconfig read as YAML. */
export type AddClusterInput = Omit<RouteBody<'clusters.add'>, 'kubeconfig'> & { readonly kubeconfig: unknown }

/** Adding and taking away clusters; the work of server/fleet. */
export interface ClusterService {
  /** Reaches the cluster once with the kubeconfig, then writes the Cluster and its Secret. */
  add(input: AddClusterInput, by: Identity, signal: AbortSignal): Promise<Cluster>
  /** Never waits for a cluster that cannot be reached. */
  remove(name: string, objects: 'keep' | 'delete', by: Identity, signal: AbortSignal): Promise<void>
}

export interface OwnTls {
  readonly certificate: OwnCertificate
  /** Asked once a day: the same one, or the next when that ends soon. */
  renew(): Promise<OwnCertificate>
}

/** What the HTTP side asks of server/delivery. Everything is done, or read, as the person in `by`. */
export interface DeliveryService {
  revert(ask: { application: Application; revision: number; by: Identity; signal: AbortSignal }): Promise<Application>
  explain(ask: {
    application: Application
    project: Project
    cluster: string
    namespace: string
    component: string
    path: string
    signal: AbortSignal
  }): Promise<ExplainAnswer>
  preview(ask: {
    application: Application
    project: Project
    cluster: string | undefined
    against: 'wanted' | 'live'
    by: Identity
    signal: AbortSignal
  }): Promise<PreviewAnswer>
  /** Writes down how a hook that migrates ended; gives which one it was. Errors: `request.not_found`, `input.invalid` where several are meant. */
  resolveHook(ask: {
    application: Application
    project: Project
    request: RouteBody<'applications.resolveHook'>
    by: Identity
  }): Promise<RouteResult<'applications.resolveHook'>>
  difference(ask: {
    deliveries: readonly Delivery[]
    components: readonly string[] | undefined
    by: Identity
    signal: AbortSignal
  }): Promise<DifferenceAnswer>
  adopt(ask: {
    project: Project
    request: RouteBody<'applications.adopt'>
    by: Identity
    signal: AbortSignal
  }): Promise<AdoptAnswer>
}

/** What the HTTP side asks of releases and rollouts, beside what stands in the host. */
export interface ReleaseService {
  /** What changes in definition and artifacts, over all targets; of a draft, against what runs now. */
  components(release: Release, signal: AbortSignal): Promise<ReleaseDetail['components']>
  difference(ask: {
    release: Release
    /** Another frozen release; undefined: what ran when it was frozen. */
    against: Release | undefined
    clusters: readonly string[] | undefined
    namespace: string | undefined
    components: readonly string[] | undefined
    signal: AbortSignal
  }): Promise<ReleaseDifference>
  /** The versions that a target has now. */
  runningVersions(delivery: Delivery): Promise<ReleaseChoice[]>
  /** What starting it would say; nothing is written. */
  checkStart(ask: { namespace: string; spec: RolloutSpec }): Promise<PlanCheck>
  /** What a step printed, as far as it was kept. */
  stepLog(ask: {
    rollout: Rollout
    ref: StepRef
    attempt: number | undefined
  }): Promise<RouteResult<'rollouts.log'> | undefined>
  /** What a hook of a chart that migrates printed in a target. */
  hookLog(ask: {
    rollout: Rollout
    target: TargetRef
    hook: string
    attempt: number | undefined
  }): Promise<RouteResult<'rollouts.log'> | undefined>
}

export interface HttpDeps {
  readonly version: string
  readonly log: Log
  readonly clock: Clock
  readonly state: HostState
  readonly fleet: FleetConnections
  /** The host's roles and bindings; without them its authorizer is asked. */
  readonly rbac?: RbacView | undefined
  readonly live: Pick<LiveState, 'objects'>
  readonly store: Pick<
    Store,
    | 'apiTokens'
    | 'audit'
    | 'blobs'
    | 'digestKey'
    | 'history'
    | 'once'
    | 'passwords'
    | 'recordings'
    | 'revisions'
    | 'sessions'
  >
  readonly audit: Pick<Audit, 'note' | 'write' | 'flush' | 'verify' | 'lastVerification'>
  readonly clusters: ClusterService
  /** Signing in through identity providers; without it only with passwords. */
  readonly providers?: ProviderSignIn | undefined
  readonly agents: AgentService
  /** Where agents come in, on the same sockets. */
  readonly agentDoor?: AgentDoor | undefined
  readonly delivery: DeliveryService
  readonly releases: ReleaseService
  /** Documents that rollouts go by, by digest. */
  readonly rolloutDocuments: { get(digest: string): Promise<RolloutDocument | undefined> }
  /** Folder of the built console; without it only the API is served. */
  readonly consoleDir?: string | undefined
  readonly tls?: CertificateSource | undefined
  /** The server's own certificate, where it was given none: HTTPS beside HTTP, for kubectl and agents. */
  readonly own?: OwnTls | undefined
  /** Addresses and networks of proxies whose X-Forwarded-For counts. */
  readonly trustedProxies?: readonly string[] | undefined
  /** What the platform asks for of all shells; workspaces and projects may ask for more. */
  readonly recordShells?: ShellRecording | undefined
  /** Other bounds of recordings than the usual ones; for tests. */
  readonly recordingLimits?: RecordingLimits | undefined
  /** Other bounds of the live stream than the usual ones; for tests. */
  readonly streamLimits?: Partial<StreamLimits> | undefined
  /** Other bounds of the index of the clusters' objects than the usual ones; for tests. */
  readonly indexLimits?: Partial<IndexLimits> | undefined
  /** Other bounds of what is passed on to clusters than the usual ones; for tests. */
  readonly exchangeLimits?: Partial<ExchangeLimits> | undefined
  /** Holds every answer against the contract; for tests. */
  readonly checkAnswers?: boolean | undefined
}

/** A member cluster as a person. */
export function memberAs(fleet: Pick<FleetConnections, 'client'>, cluster: string, by: Identity): Known<KubeClient> {
  const client = fleet.client(cluster)
  return client.known ? { known: true, value: client.value.as(by) } : client
}
