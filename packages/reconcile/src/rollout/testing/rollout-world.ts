import {
  canonicalJson,
  type Delivery,
  endedPhases,
  finalizer,
  known,
  type Known,
  type PlanSpec,
  type Rollout,
  type RolloutControl,
  targetKey,
  unknown,
} from '@flotilla/model'
import type { ConnectionSight } from '../../delivery/types.ts'
import { reconcileRollout } from '../../reconcile-rollout.ts'
import { computeStepsInHand } from '../steps-in-hand.ts'
import type {
  ApprovalSight,
  RolloutDecision,
  RolloutEffect,
  RolloutObserved,
  RolloutOpening,
  RolloutQuestion,
  StepInHand,
  StoredRolloutDocument,
} from '../types.ts'
import { checkDecision, checkWrite } from './invariants.ts'
import { approver, approvers, deliveryOf, frozenRelease, rolloutOf, start } from './scene.ts'
import { type Behaviour, isEmptied, stepSimulatedDelivery } from './simulated-delivery.ts'
import { isInMember, SimulatedSteps } from './simulated-steps.ts'

const nameOf = (identity: string): string => identity.slice(identity.lastIndexOf(':') + 1)

class Killed extends Error {}

/** What cannot be seen for a while. */
export type Blindness = 'document' | 'deliveries' | 'approvals' | 'others' | 'opening' | 'placed'

/**
 * A fleet in memory, with rollouts that are decided by the real code and a process that can be killed before and after every
 * write. It notes whatever must never happen; the real parts are tested on real clusters.
 */
export class RolloutWorld {
  now = Date.parse(start)
  readonly rollouts = new Map<string, Rollout>()
  readonly documents = new Map<string, StoredRolloutDocument>()
  deliveries = new Map<string, Delivery>()
  readonly behaviours = new Map<string, Behaviour>()
  readonly lost = new Map<string, string>()
  /** Clusters that were lost at some time: they left their place to others. */
  readonly flapped = new Set<string>()
  readonly blind = new Set<Blindness>()
  readonly steps = new SimulatedSteps()
  /** Why work on steps fails, by key. */
  readonly troubles = new Map<string, string>()
  readonly approvals: ApprovalSight[] = []
  /** Approval steps that succeeded, each when enough people had approved, by run, stage, target and name. */
  readonly approved = new Set<string>()
  /** What decides: a test puts in one that does wrong, so that it is found out. */
  engine: (question: RolloutQuestion) => RolloutDecision = reconcileRollout
  placed: string[]
  /** Clusters that left the application: releases empty them. */
  readonly leaving = new Set<string>()
  /** Whether the application controller takes their Deliveries away right when they have applied it; else never. */
  takesAway = true
  hold: string | undefined
  barred: string | undefined
  /** Deliveries as they were, for as many passes. */
  stale: { deliveries: ReadonlyMap<string, Delivery>; passes: number } | undefined
  /** Writes until the process is killed; `after` kills when the write was made. */
  killIn: { writes: number; after: boolean } | undefined
  kills = 0
  passes = 0
  readonly violations: string[] = []
  readonly effects: RolloutEffect[] = []
  /** How often a run was in a phase for a reason, and a target in a phase. */
  readonly seen = new Map<string, number>()
  private readonly openings = new Map<string, RolloutOpening>()
  private released = new Set<string>()

  readonly clusters: readonly string[]

  constructor(clusters: readonly string[], digest: string | null = 'v1') {
    this.clusters = clusters
    this.placed = clusters.map((cluster) => `${cluster}/shop`)
    if (digest === null) return
    for (const cluster of clusters) this.deliveries.set(`${cluster}/shop`, deliveryOf(cluster, digest))
  }

  get time(): string {
    return new Date(this.now).toISOString()
  }

  start(
    name: string,
    plan: PlanSpec,
    digest = 'v2',
    rest: Partial<Rollout['spec']> = {},
    old: string | null = 'v1',
  ): Rollout {
    const rollout = rolloutOf(name, this.time, rest)
    this.rollouts.set(name, rollout)
    const { release, frozen } = frozenRelease(digest, digest, old ?? undefined, this.clusters, this.leaving)
    const of = rest.rollback?.of
    const taken = of === undefined ? undefined : this.rollouts.get(of)
    const document = taken && this.documents.get(taken.metadata.uid ?? '')?.document
    this.openings.set(name, {
      release,
      frozen,
      plan: { apiVersion: rollout.apiVersion, kind: 'Plan', metadata: { name: 'plan' }, spec: plan },
      ...(taken === undefined || document === undefined ? {} : { of: { rollout: taken, document } }),
      clusterLabels: new Map(this.clusters.map((cluster) => [cluster, {}])),
      irreversible: [],
      approvers: approvers.map((identity) => ({ userName: nameOf(identity), identity, roles: ['operator'] })),
    })
    return rollout
  }

  lose(cluster: string): void {
    this.flapped.add(cluster)
    if (!this.lost.has(cluster)) this.lost.set(cluster, this.time)
  }

  changeOpening(name: string, change: Partial<RolloutOpening>): void {
    this.openings.set(name, { ...this.openingOf(name), ...change })
  }

  get(name: string): Rollout {
    const rollout = this.rollouts.get(name)
    if (rollout === undefined) throw new Error(`no rollout ${name}`)
    return rollout
  }

  ask(name: string, change: (control: RolloutControl) => Partial<RolloutControl>): void {
    const rollout = this.get(name)
    const control = { ...rollout.spec.control, ...change(rollout.spec.control) }
    this.rollouts.set(name, { ...rollout, spec: { ...rollout.spec, control } })
  }

  approve(decision: ApprovalSight['decision'], digest: string, who = approver): void {
    const name = `approval-${this.approvals.length}`
    this.approvals.push({
      name,
      approver: who,
      userName: nameOf(who),
      roles: ['operator'],
      digest,
      decision,
      at: this.time,
    })
  }

  isEnded(name: string): boolean {
    const phase = this.get(name).status?.phase
    return phase !== undefined && endedPhases.includes(phase)
  }

  /** Time passes, Deliveries and steps go on. */
  tick(seconds = 5): void {
    this.now += seconds * 1000
    this.steps.tick()
    for (const [key, delivery] of this.deliveries) {
      if (this.lost.has(delivery.spec.target.cluster)) continue
      const stepped = stepSimulatedDelivery(delivery, this.behaviours.get(key) ?? 'well', this.time)
      if (this.takesAway && this.leaving.has(delivery.spec.target.cluster) && isEmptied(stepped))
        this.deliveries.delete(key)
      else this.deliveries.set(key, stepped)
    }
  }

  /** One pass of the controller over every rollout. Returns true when nothing changed. */
  pass(): boolean {
    let quiet = true
    for (const name of this.rollouts.keys()) quiet = this.passOne(name) && quiet
    if (this.stale !== undefined && --this.stale.passes <= 0) this.stale = undefined
    return quiet
  }

  passOne(name: string): boolean {
    this.passes++
    try {
      return this.work(name)
    } catch (thrown) {
      if (!(thrown instanceof Killed)) throw thrown
      this.kills++
      this.killIn = undefined
      this.released = new Set()
      return false
    }
  }

  decide(name: string): RolloutDecision {
    return this.engine({ object: this.get(name), observed: this.observe(name), now: this.time })
  }

  private work(name: string): boolean {
    const rollout = this.get(name)
    const decision = this.decide(name)
    checkDecision(this, rollout, decision)
    const { phase = '', reason = '', targets = [] } = decision.status
    for (const place of new Set([`${phase}/${reason}`, ...targets.map((target) => target.phase)]))
      this.seen.set(place, (this.seen.get(place) ?? 0) + 1)
    const changed = canonicalJson(decision.status) !== canonicalJson(rollout.status ?? {})
    if (changed) this.write(() => this.rollouts.set(name, { ...rollout, status: decision.status }))
    for (const effect of decision.effects) this.execute(name, effect)
    return !changed && decision.effects.length === 0
  }

  /** The same words again and again, with time, until all have ended or nothing more happens. */
  settle(rounds = 60, seconds = 5): void {
    for (let round = 0; round < rounds; round++) {
      this.pass()
      this.tick(seconds)
    }
    this.pass()
  }

  observe(name: string): RolloutObserved {
    const rollout = this.get(name)
    const see = <Value>(what: Blindness, value: Value): Known<Value> =>
      this.blind.has(what) ? unknown(`${what} not in sync`) : known(value)
    const stored = this.documents.get(rollout.metadata.uid ?? '')
    const inHand = stored === undefined ? [] : computeStepsInHand(rollout, stored.document)
    const others = [...this.rollouts.values()].filter((one) => one !== rollout && !this.isEnded(one.metadata.name))
    const opening = {
      ...this.openingOf(name),
      ...(this.hold === undefined ? {} : { hold: { reason: this.hold } }),
      ...(this.barred === undefined ? {} : { barred: this.barred }),
    }
    return {
      document: see('document', stored),
      opening: see('opening', opening),
      deliveries: see('deliveries', this.stale?.deliveries ?? this.deliveries),
      clusters: new Map(this.clusters.map((cluster) => [cluster, this.connection(cluster)])),
      steps: new Map(inHand.map((step) => [step.key, this.steps.see(step, this.lost.has(step.place.cluster))])),
      released: this.released,
      troubles: this.troubles,
      approvals: see('approvals', this.approvals),
      others: see('others', others),
      placed: see('placed', this.placed),
    }
  }

  private openingOf(name: string): RolloutOpening {
    const opening = this.openings.get(name)
    if (opening === undefined) throw new Error(`no opening of ${name}`)
    return opening
  }

  private connection(cluster: string): ConnectionSight {
    const since = this.lost.get(cluster)
    return since === undefined ? { state: 'connected' } : { state: 'lost', since, reason: 'cut' }
  }

  /** Every write goes through here: the process may die right before it or right after. */
  private write(change: () => unknown): void {
    const kill = this.killIn
    if (kill !== undefined) kill.writes--
    if (kill !== undefined && kill.writes <= 0 && !kill.after) throw new Killed()
    change()
    if (kill !== undefined && kill.writes <= 0) throw new Killed()
  }

  private execute(name: string, effect: RolloutEffect): void {
    this.effects.push(effect)
    const rollout = this.get(name)
    const uid = rollout.metadata.uid ?? ''
    switch (effect.kind) {
      case 'AddFinalizer':
      case 'RemoveFinalizer': {
        const finalizers = effect.kind === 'AddFinalizer' ? [finalizer] : []
        this.write(() => this.rollouts.set(name, { ...rollout, metadata: { ...rollout.metadata, finalizers } }))
        return
      }
      case 'StoreDocument':
        if (!this.documents.has(uid))
          this.write(() => this.documents.set(uid, { digest: `stored-${uid}`, document: effect.document }))
        return
      case 'HoldApplication':
        this.write(() => (this.hold = effect.reason))
        return
      case 'WriteDelivery':
        this.write(() => this.writeDelivery(rollout, effect))
        return
      case 'BeginStep':
        if (this.isOutOfReach(effect.step)) return
        this.write(() => this.steps.begin(effect.step))
        return
      case 'CancelStep':
        if (this.isOutOfReach(effect.step)) return
        this.write(() => this.steps.cancel(effect.step))
        return
      case 'ResolveStep':
        this.write(() => this.steps.resolve(effect.step, effect.outcome))
        return
      case 'LetGoStep':
        if (this.isOutOfReach(effect.step)) return
        this.write(() => this.steps.letGo(effect.step, effect.outcome))
        this.released.add(effect.step.key)
        return
      default:
        effect satisfies never
    }
  }

  private isOutOfReach(step: StepInHand): boolean {
    return isInMember(step) && this.lost.has(step.place.cluster)
  }

  private writeDelivery(rollout: Rollout, effect: Extract<RolloutEffect, { kind: 'WriteDelivery' }>): void {
    const { target, want, from, syncRequest } = effect
    const key = targetKey(target)
    const there = this.deliveries.get(key)
    const digest = there?.spec.desired?.digest
    if (digest !== from && digest !== want?.digest) return
    checkWrite(this, rollout, effect)
    if (want === undefined) {
      this.deliveries.delete(key)
      return
    }
    const base = there ?? deliveryOf(target.cluster, undefined)
    const desired = {
      revision: 1,
      digest: want.digest,
      components: [...want.components],
      rollout: rollout.metadata.name,
    }
    this.deliveries.set(key, {
      ...base,
      metadata: { ...base.metadata, generation: (base.metadata.generation ?? 1) + 1 },
      spec: { ...base.spec, desired, ...(syncRequest === undefined ? {} : { syncRequest }) },
    })
  }
}
