import assert from 'node:assert/strict'
import {
  type Application,
  ApplicationSpec,
  canonicalJson,
  computePlacement,
  computeTargets,
  isStandby,
  known,
  type KubeObject,
  type Known,
  type Move,
  type Project,
  type Target,
  targetKey,
  unknown,
} from '@flotilla/model'
import type { ObservedCluster } from '../../application/observed.ts'
import { configMap, desiredOf, hook, sampleDelivery, sampleSet } from '../../delivery/testing/sample-delivery.ts'
import { Killed as DeliveryKilled, SimulatedTarget } from '../../delivery/testing/simulated-target.ts'
import { readField } from '../../health/read-field.ts'
import { reconcileMove } from '../../reconcile-move.ts'
import type { ActingSight } from '../acting.ts'
import { quietSeconds } from '../phase-steps.ts'
import type { MoveDecision, MoveEffect } from '../types.ts'

const namespace = 'shop'
const object = (
  apiVersion: string,
  kind: string,
  name: string,
  spec: object,
  marks?: Record<string, string>,
): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace, ...(marks === undefined ? {} : { annotations: marks }) },
  spec,
})
const sets = new Map([
  [
    'one',
    sampleSet(
      'web',
      [
        configMap('settings', '1'),
        object('batch/v1', 'CronJob', 'nightly', { schedule: '* * * * *' }),
        object('apps/v1', 'Deployment', 'worker', { replicas: 2 }, { 'flotilla.dev/consumer': 'true' }),
      ],
      [hook('migrate', ['pre-install', 'pre-upgrade'])],
      'web',
    ),
  ],
])
const cronJobKey = 'batch/CronJob/shop/nightly'
const workerKey = 'apps/Deployment/shop/worker'

const project = {
  apiVersion: 'flotilla.dev/v1alpha1',
  kind: 'Project',
  metadata: { name: 'shop', namespace: 'ws-retail', uid: 'project-uid' },
  spec: { targets: [{ clusters: { names: ['east', 'west'] } }], scope: 'Namespaced', podSecurity: 'baseline' },
} as Project

export type PlaceName = 'east' | 'west'
export const placeNames: readonly PlaceName[] = ['east', 'west']

/** A member with what Kubernetes does there by itself. */
class Place {
  target: SimulatedTarget
  present = false
  /** What the controller of CronJobs has heard last, and when it hears again. */
  heard: { schedules: boolean; at: number } = { schedules: false, at: 0 }
  /** Ends of Jobs that run, and of consumers' pods that were told to go. */
  jobs: number[] = []
  going: number[] = []
  pods = 0
  /** Somebody let something start by hand. */
  foreign = false
  /** What the controller of deliveries is about to do; until then it does nothing else. */
  inHand: (() => void) | undefined

  constructor(target: SimulatedTarget) {
    this.target = target
  }

  get schedules(): boolean {
    const seen = this.target.objects.get(cronJobKey)
    return seen !== undefined && readField(seen.object, 'spec', 'suspend') !== true
  }

  get wanted(): number {
    const seen = this.target.objects.get(workerKey)?.object
    const replicas = seen === undefined ? 0 : readField(seen, 'spec', 'replicas')
    return typeof replicas === 'number' ? replicas : 0
  }

  /** Whether anything acts, or may begin to by what was said before. */
  get acts(): boolean {
    return this.isUnsuspended || this.jobs.length + this.going.length + this.pods > 0
  }

  get isUnsuspended(): boolean {
    return this.schedules || this.wanted > 0
  }

  look(): ActingSight {
    const pods = this.jobs.length + this.going.length + this.pods
    return {
      schedules: this.schedules ? ['nightly'] : [],
      jobs: this.jobs.map((_end, at) => `nightly-${at}`),
      consumers: this.target.objects.has(workerKey)
        ? [{ name: 'Deployment worker', wanted: this.wanted, there: this.pods + this.going.length, ready: this.pods }]
        : [],
      pods: Array.from({ length: pods }, (_none, at) => `pod-${at}`),
    }
  }

  /** The controllers of Kubernetes do their part. */
  work(now: number): void {
    if (now >= this.heard.at) this.heard = { schedules: this.schedules, at: now + (quietSeconds - 1) * 1000 }
    // with a CronJob go its Jobs
    this.jobs = this.target.objects.has(cronJobKey) ? this.jobs.filter((end) => end > now) : []
    this.going = this.going.filter((end) => end > now)
    for (; this.pods > this.wanted; this.pods--) this.going.push(now + (this.pods % 2) * 2000)
    if (this.target.connected || this.wanted === 0) this.pods = this.wanted
    if (!this.acts) this.foreign = false
  }

  /** The schedule is due: whoever has not heard of a suspension makes a Job. */
  fire(now: number): void {
    if (this.heard.schedules && this.target.objects.has(cronJobKey)) this.jobs.push(now + 4000)
  }
}

class Killed extends Error {}

function mayDie(target: SimulatedTarget, work: () => unknown): void {
  try {
    work()
  } catch (thrown) {
    if (!(thrown instanceof DeliveryKilled)) throw thrown
    target.restart()
  }
}

/**
 * A stand-in for a host, two members and the controllers between them, in memory. Deliveries are decided by the real
 * `reconcileDelivery`; the controller of applications reads and writes at different times, as it does on a watch.
 */
export class SimulatedHouse {
  now = Date.parse('2026-01-01T00:00:00Z')
  readonly places: Record<PlaceName, Place>
  application: Application
  move: Move
  /** Writes of the move's own process until it is killed; `late`: the one that kills it lands later. */
  killIn: { writes: number; late: boolean } | undefined
  kills = 0
  /** Under way, of the application. */
  rollouts: readonly string[] = []
  lastDecision: MoveDecision | undefined
  private sequence = 1
  private inFlight: (() => void) | undefined
  private view: Application | undefined
  private seenVersions: Partial<Record<PlaceName, string | undefined>> = {}

  constructor() {
    const empty = (name: PlaceName): Place => new Place(this.makeTarget(name))
    this.places = { east: empty('east'), west: empty('west') }
    this.application = {
      apiVersion: 'flotilla.dev/v1alpha1',
      kind: 'Application',
      metadata: { name: 'shop', namespace: 'pj-shop', uid: 'application-uid', generation: 1, resourceVersion: '1' },
      spec: ApplicationSpec.parse({
        components: [{ name: 'web', manifests: { inline: 'a: b' } }],
        placement: { clusters: { names: ['east'] } },
      }),
    }
    this.move = {
      apiVersion: 'flotilla.dev/v1alpha1',
      kind: 'Move',
      metadata: { name: 'shop-1', namespace: 'pj-shop', uid: 'move-uid', generation: 1, creationTimestamp: this.time },
      spec: {
        application: 'shop',
        from: { clusters: ['east'] },
        to: { clusters: ['west'] },
        author: 'flotilla:user:alice',
        control: {},
      },
    }
    for (let at = 0; at < 60 && !this.rests; at++) this.round()
    assert.equal(this.places.east.acts, true)
    assert.equal(this.places.west.acts, false)
  }

  private makeTarget(cluster: PlaceName): SimulatedTarget {
    const delivery = sampleDelivery(desiredOf({ web: 'one' }), { target: { cluster, namespace } })
    const uid = `delivery-${++this.sequence}`
    const metadata = { ...delivery.metadata, name: `shop.${cluster}`, uid, resourceVersion: String(this.sequence) }
    const target = new SimulatedTarget({ ...delivery, metadata }, sets)
    target.now = this.now
    return target
  }

  get time(): string {
    return new Date(this.now).toISOString()
  }

  tick(seconds = 1): void {
    this.now += seconds * 1000
    for (const name of placeNames) {
      const place = this.places[name]
      place.target.tick(seconds)
      place.target.now = this.now
      place.work(this.now)
    }
  }

  /** Everything is delivered as it is wanted, and what acts does. */
  get rests(): boolean {
    return (
      placeNames.every((name) => {
        const { present, target, wanted, pods } = this.places[name]
        const { status, spec, metadata } = target.delivery
        const same = (status?.applied?.standby === true) === (spec.standby === true)
        return (
          !present ||
          (status?.phase === 'Settled' && same && metadata.deletionTimestamp === undefined && wanted === pods)
        )
      }) && this.places.east.present !== this.places.west.present
    )
  }

  /** Everybody once, in a good order; somebody may be slow, and have no turn. */
  round(slow?: PlaceName | 'application', seconds = 1): void {
    this.tick(seconds)
    if (slow !== 'application') {
      this.readApplication()
      this.writeDeliveries()
    }
    for (const name of placeNames) if (slow !== name) this.deliver(name)
  }

  /** One pass of the controller of moves. Returns true when it changed nothing. */
  pass(): boolean {
    try {
      return this.passOnce()
    } catch (thrown) {
      if (!(thrown instanceof Killed)) throw thrown
      this.kills++
      this.killIn = undefined
      return false
    }
  }

  private passOnce(): boolean {
    const decision = reconcileMove({ object: this.move, now: this.time, observed: this.observe() })
    this.lastDecision = decision
    const changed = canonicalJson(decision.status) !== canonicalJson(this.move.status ?? {})
    if (changed)
      this.write(() => {
        this.move = { ...this.move, status: decision.status }
      })
    for (const effect of decision.effects) this.write(this.executing(effect))
    return !changed && decision.effects.length === 0
  }

  observe(): Parameters<typeof reconcileMove>[0]['observed'] {
    const clusters = placeNames.map((name): ObservedCluster => {
      const { connected } = this.places[name].target
      return { name, labels: {}, connection: connected ? 'connected' : 'lost', since: this.time }
    })
    const looks = new Map(
      placeNames.map((name): [string, Known<ActingSight>] => {
        const { target } = this.places[name]
        const look = target.connected ? known(this.places[name].look()) : unknown(`${name} is cut off`)
        return [targetKey({ cluster: name, namespace }), look]
      }),
    )
    const deliveries = placeNames.flatMap((name) =>
      this.places[name].present ? [this.places[name].target.delivery] : [],
    )
    return {
      application: known(this.application),
      project: known(project),
      clusters: known(clusters),
      deliveries: known(deliveries),
      looks,
      rollouts: known(this.rollouts),
    }
  }

  private executing(effect: MoveEffect): () => void {
    if (effect.kind === 'AddFinalizer' || effect.kind === 'RemoveFinalizer') {
      const finalizers = effect.kind === 'AddFinalizer' ? ['flotilla.dev/cleanup'] : []
      return () => {
        this.move = { ...this.move, metadata: { ...this.move.metadata, finalizers } }
      }
    }
    if (effect.kind !== 'WriteApplication') throw new Error('the application is not governed')
    const { fields, resourceVersion } = effect
    return () => {
      if (this.application.metadata.resourceVersion !== resourceVersion) return
      const { placement, standby, move } = fields
      const { move: _before, ...spec } = this.application.spec
      const after = { ...spec, placement, standby: [...standby], ...(move === undefined ? {} : { move }) }
      this.checkStarts(after)
      const generation = (this.application.metadata.generation ?? 0) + 1
      this.writeApplication({
        ...this.application,
        metadata: { ...this.application.metadata, generation },
        spec: after,
      })
    }
  }

  /** What is let start by a write, is let start while the other place is truly still. */
  private checkStarts(after: ApplicationSpec): void {
    for (const [name, other] of [
      ['east', 'west'],
      ['west', 'east'],
    ] as const) {
      const target = { cluster: name, namespace, labels: {} }
      const isPlaced = computePlacement(after, this.targets()).some(({ cluster }) => cluster === name)
      if (!isPlaced || !isStandby(this.application.spec, target) || isStandby(after, target)) continue
      const place = this.places[other]
      if (!place.present && !place.target.objects.has(cronJobKey)) continue
      assert.equal(place.acts, false, `${name} is let start while ${other} acts`)
      assert.equal(place.heard.schedules, false, `${name} is let start while ${other} may make a Job`)
    }
  }

  private writeApplication(application: Application): void {
    const resourceVersion = String(++this.sequence)
    this.application = { ...application, metadata: { ...application.metadata, resourceVersion } }
  }

  private write(change: () => void): void {
    const kill = this.killIn
    if (kill !== undefined) kill.writes--
    if (kill?.writes === 0) {
      if (kill.late) this.inFlight = change
      throw new Killed()
    }
    change()
  }

  /** A write of a process that is dead arrives. Of two at once the status of the move is refused, as it has a version. */
  land(): void {
    const { inFlight } = this
    this.inFlight = undefined
    if (inFlight === undefined) return
    const { status } = this.move
    inFlight()
    this.move = { ...this.move, ...(status === undefined ? {} : { status }) }
  }

  readApplication(): void {
    this.view = this.application
    for (const name of placeNames) {
      const { present, target } = this.places[name]
      this.seenVersions[name] = present ? target.delivery.metadata.resourceVersion : undefined
    }
  }

  /** What the controller of applications does with what it read; late where somebody else wrote. */
  writeDeliveries(): void {
    const { view } = this
    if (view === undefined) return
    const wanted = new Map(computePlacement(view.spec, this.targets()).map((target) => [target.cluster, target]))
    for (const name of placeNames) {
      const place = this.places[name]
      const target = wanted.get(name)
      const { delivery } = place.target
      const isSeen = this.seenVersions[name] === (place.present ? delivery.metadata.resourceVersion : undefined)
      if (!isSeen) return
      if (target === undefined) {
        if (place.present && delivery.metadata.deletionTimestamp === undefined)
          place.target.delivery = { ...delivery, metadata: { ...delivery.metadata, deletionTimestamp: this.time } }
        continue
      }
      const standby = isStandby(view.spec, target)
      if (!place.present) this.comeBack(name)
      const { metadata, spec } = place.target.delivery
      if (metadata.deletionTimestamp !== undefined || (spec.standby === true) === standby) continue
      const generation = (metadata.generation ?? 0) + 1
      const resourceVersion = String(++this.sequence)
      place.target.delivery = {
        ...place.target.delivery,
        metadata: { ...metadata, generation, resourceVersion },
        spec: { ...spec, standby },
      }
    }
    if (this.application.metadata.resourceVersion !== view.metadata.resourceVersion) return
    const { generation } = view.metadata
    if (this.application.status?.observedGeneration === generation) return
    this.writeApplication({
      ...this.application,
      status: { ...this.application.status, observedGeneration: generation },
    })
    this.view = this.application
  }

  private targets(): Target[] {
    return computeTargets(
      project,
      placeNames.map((name) => ({ name, labels: {} })),
    )
  }

  private comeBack(name: PlaceName): void {
    const place = this.places[name]
    const before = place.target
    place.target = this.makeTarget(name)
    place.target.connected = before.connected
    for (const [key, seen] of before.objects) place.target.objects.set(key, seen)
    // nothing is delivered before it is known how
    const { delivery } = place.target
    const standby = this.view !== undefined && isStandby(this.view.spec, { cluster: name, namespace, labels: {} })
    place.target.delivery = { ...delivery, spec: { ...delivery.spec, standby } }
    place.present = true
  }

  /** A whole pass of the controller of deliveries. */
  deliver(name: PlaceName): void {
    this.beginDelivery(name)
    this.endDelivery(name)
  }

  /** Its status is written, and its effects are on their way. */
  beginDelivery(name: PlaceName): void {
    const place = this.places[name]
    if (!place.present || place.inHand !== undefined) return
    const { target } = place
    const { status } = target.delivery
    place.inHand = () => undefined
    mayDie(target, () => {
      const effects = target.begin()
      place.inHand = () => mayDie(target, effects)
    })
    if (target.delivery.status !== status) this.touchDelivery(place)
  }

  endDelivery(name: PlaceName): void {
    const place = this.places[name]
    const { inHand, target } = place
    place.inHand = undefined
    if (inHand === undefined || !place.present) return
    if (target.connected) inHand()
    const { finalizers = [], deletionTimestamp } = target.delivery.metadata
    if (deletionTimestamp !== undefined && finalizers.length === 0) place.present = false
  }

  private touchDelivery({ target }: Place): void {
    const { metadata } = target.delivery
    target.delivery = { ...target.delivery, metadata: { ...metadata, resourceVersion: String(++this.sequence) } }
  }

  /** Somebody lets it act by hand. */
  meddle(name: PlaceName): void {
    const place = this.places[name]
    const seen = place.target.objects.get(cronJobKey)
    if (seen === undefined || !place.target.connected) return
    if (!place.acts) place.foreign = true
    place.target.put({ ...seen.object, spec: { schedule: '* * * * *' } })
  }

  ask(control: Partial<Move['spec']['control']>): void {
    const { spec } = this.move
    this.move = { ...this.move, spec: { ...spec, control: { ...control, ...spec.control } } }
  }

  /** What must never be so. */
  checkOne(): void {
    const { east, west } = this.places
    if (east.foreign || west.foreign) return
    assert.ok(!(east.acts && west.acts), `both act: ${canonicalJson(this.move.status)}`)
  }
}
