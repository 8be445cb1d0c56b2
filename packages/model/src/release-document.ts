import type { ApplicationSpec, ResolvedSource } from './kinds/application.ts'
import type { DesiredComponent } from './kinds/delivery.ts'
import type { PlanSpec } from './kinds/plan.ts'
import type { ReleaseChoice } from './kinds/release.ts'

/** What is rendered for a target, ready to be written into its Delivery. */
export interface WantedSet {
  /** Over the digests of all components. */
  readonly digest: string
  readonly components: readonly DesiredComponent[]
  /** Text of the annotation that says what each component was rendered from. */
  readonly renderedFrom?: string | undefined
  /** The Release it came with; absent in direct mode. */
  readonly release?: string | undefined
}

export interface FrozenTarget extends WantedSet {
  readonly cluster: string
  readonly namespace: string
  readonly environment?: string | undefined
  /** Name of its Delivery. */
  readonly delivery: string
  /** What ran there when it was frozen; absent: nothing. */
  readonly baseline?: WantedSet | undefined
}

/** A hook of a chart that changes data: declared by the annotation `flotilla.dev/migration` on it. */
export interface FrozenMigration {
  readonly component: string
  readonly name: string
  readonly reversible: boolean
}

/** All of a frozen Release. A blob under its digest, encrypted; kept as long as the Release is there. */
export interface FrozenDocument {
  readonly release: { readonly name: string; readonly uid: string }
  readonly application: { readonly name: string; readonly uid: string }
  readonly project: { readonly name: string; readonly uid: string; readonly scope: 'Namespaced' | 'Cluster' }
  /** The application as it was declared then, before the choices. */
  readonly declared: ApplicationSpec
  /** What was chosen, with what was carried over of the release before. */
  readonly choices: readonly ReleaseChoice[]
  /** Declared with the choices: what was rendered. */
  readonly spec: ApplicationSpec
  readonly sources: readonly ResolvedSource[]
  readonly targets: readonly FrozenTarget[]
  readonly migrations: readonly FrozenMigration[]
  /** Who had edited the application by then, with when last: a later release has other authors. Absent of an older one. */
  readonly editors?: Readonly<Record<string, string>> | undefined
  /** RFC 3339, UTC. */
  readonly at: string
}

export interface RolloutDocumentTarget {
  readonly cluster: string
  readonly namespace: string
  readonly environment?: string | undefined
  readonly delivery: string
  readonly stage: string
  /** What it is to have; absent: it is taken away, as nothing was there before. */
  readonly want?: WantedSet | undefined
  /** What it had when the rollout began; absent: nothing. */
  readonly before?: WantedSet | undefined
}

/** All that a Rollout goes by, taken when it starts: neither Release nor Plan nor a new target changes it later. */
export interface RolloutDocument {
  readonly rollout: { readonly name: string; readonly uid: string }
  readonly release: { readonly name: string; readonly uid: string; readonly digest: string }
  /** When the release was compared with what runs, RFC 3339, UTC. Absent of an older one. */
  readonly frozenAt?: string | undefined
  readonly application: FrozenDocument['application']
  readonly project: FrozenDocument['project']
  readonly spec: ApplicationSpec
  readonly plan: PlanSpec
  readonly action: 'Release' | 'Rollback'
  readonly targets: readonly RolloutDocumentTarget[]
  /** Keys of targets of the release that were there at the start and have no part in it. */
  readonly apart?: readonly string[] | undefined
  /** Hooks of its charts that migrate: what cannot be taken back is not rolled back past by itself. */
  readonly migrations: readonly FrozenMigration[]
  /** Who wrote release and application: they approve nothing of it. */
  readonly authors: readonly string[]
  readonly at: string
}
