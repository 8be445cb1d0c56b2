import {
  type Delivery,
  type DeliveryStatus,
  known,
  type KubeObject,
  type ObjectRef,
  refKey,
  unknown,
  canonicalJson,
} from '@flotilla/model'
import { readText } from '../../health/read-field.ts'
import { reconcileDelivery } from '../../reconcile-delivery.ts'
import { contentHash } from '../hash.ts'
import { hookFinalizer, hookRunAnnotation } from '../hooks.ts'
import type { Inventory } from '../inventory.ts'
import type { LiveObjectSight, LiveSight } from '../live-sight.ts'
import type {
  Barred,
  DeliveryDecision,
  DeliveryEffect,
  DeliverySet,
  EffectResult,
  HookSight,
  PreparedObject,
  ReleaseSight,
} from '../types.ts'

/** Any key will do. */
export const sampleHashKey = new Uint8Array(32)

/** What the process is killed with in the middle of its work. */
export class Killed extends Error {}

export interface SimulatedObject {
  readonly object: KubeObject
  readonly uid: string
  readonly version: number
  /** Passes until it is well. */
  readonly wellIn: number
}

export interface HookRunSeen {
  readonly id: string
  readonly key: string
  readonly digest: string
}

/**
 * A stand-in for one target and the host, in memory, with a process in front of them that can be killed before and after
 * every single write. The real parts are tested on real clusters; this tries orders of events that those never meet.
 */
export class SimulatedTarget {
  readonly objects = new Map<string, SimulatedObject>()
  readonly releases = new Map<string, ReleaseSight>()
  readonly hookRuns: HookRunSeen[] = []
  readonly deleted: string[] = []
  inventory: Inventory | undefined
  delivery: Delivery
  removed = false
  connected = true
  adopt = false
  /** Effects of this kind cannot be asked for, and say so. */
  failing: { kind: DeliveryEffect['kind']; message: string } | undefined
  /** Names of objects that are applied and never become well. */
  readonly ill = new Set<string>()
  /** The member takes no object. */
  refusing = false
  /** What comes of creating a hook instead of a run, by its name. */
  readonly insteadOfRuns = new Map<string, EffectResult>()
  /** Names of hooks that something ends from outside. */
  readonly cut = new Set<string>()
  /** Names of objects that the watch does not show. */
  readonly hidden = new Set<string>()
  /** The member refuses the delivery group. */
  barred: Barred | undefined
  now = Date.parse('2026-01-01T00:00:00Z')
  /** Writes until the process is killed; `after` kills when the write was made. */
  killIn: { writes: number; after: boolean } | undefined
  lastDecision: DeliveryDecision | undefined
  writes = 0
  kills = 0
  private sequence = 1
  private trouble: string | undefined
  private results = new Map<string, EffectResult>()
  private loaded = new Map<string, DeliverySet | undefined>()
  private sight: LiveSight | undefined
  private readonly sets: ReadonlyMap<string, DeliverySet>

  constructor(delivery: Delivery, sets: ReadonlyMap<string, DeliverySet>) {
    this.delivery = delivery
    this.sets = sets
  }

  get time(): string {
    return new Date(this.now).toISOString()
  }

  /** The process starts anew and remembers nothing. */
  restart(): void {
    this.results = new Map()
    this.loaded = new Map()
    this.trouble = undefined
    this.sight = undefined
    this.killIn = undefined
  }

  /** The watch catches up, controllers do their part, time passes. */
  tick(seconds = 1): void {
    this.now += seconds * 1000
    for (const [key, seen] of this.objects) {
      const { deletionTimestamp, finalizers } = seen.object.metadata
      if (deletionTimestamp !== undefined && (finalizers ?? []).length === 0) this.objects.delete(key)
      else if (seen.wellIn > 0) this.objects.set(key, { ...seen, wellIn: seen.wellIn - 1 })
    }
    this.sight = this.look()
  }

  /** One pass of the controller. Returns true when it changed nothing. */
  pass(): boolean {
    try {
      return this.passOnce()
    } catch (thrown) {
      if (!(thrown instanceof Killed)) throw thrown
      this.kills++
      this.restart()
      return false
    }
  }

  private passOnce(): boolean {
    return this.begin()()
  }

  /** The first half of a pass, up to the status that is written; what it gives does the effects, however late. */
  begin(): () => boolean {
    if (this.removed) return () => true
    const decision = this.decide()
    this.lastDecision = decision
    const changed = canonicalJson(decision.status) !== canonicalJson(this.delivery.status ?? {})
    if (changed) {
      this.write(() => {
        this.delivery = { ...this.delivery, status: decision.status }
      })
    }
    return () => {
      for (const effect of decision.effects) {
        this.trouble = effect.kind === this.failing?.kind ? this.failing.message : undefined
        if (this.trouble !== undefined) return !changed
        const result = this.execute(effect)
        if (result !== undefined) this.results.set(effect.key, result)
      }
      return !changed && decision.effects.length === 0
    }
  }

  decide(): DeliveryDecision {
    const hook = this.delivery.status?.attempt?.hook
    return reconcileDelivery({
      object: this.delivery,
      now: this.time,
      observed: {
        connection: this.connected ? { state: 'connected' } : { state: 'lost', since: this.time, reason: 'cut' },
        sets: this.loaded,
        live: this.connected && this.sight !== undefined ? known(this.sight) : unknown('not in sync'),
        inventory: this.connected && this.barred === undefined ? known(this.inventory) : unknown('not in sync'),
        barred: this.connected ? this.barred : undefined,
        releases: this.connected ? known(this.releases) : unknown('not in sync'),
        hook: hook === undefined || !this.connected ? unknown('no hook') : known(this.seeHook(hook.key, hook)),
        results: this.results,
        hashKey: sampleHashKey,
        adopt: this.adopt,
        trouble: this.trouble,
      },
    })
  }

  private look(): LiveSight {
    const uid = this.delivery.metadata.uid
    const seen = new Map<string, LiveObjectSight>()
    for (const [key, { object, uid: objectUid, version, wellIn }] of this.objects) {
      if (object.metadata.labels?.['flotilla.dev/delivery'] !== uid) continue
      if (this.hidden.has(object.metadata.name)) continue
      const { apiVersion, kind, metadata } = object
      const slash = apiVersion.indexOf('/')
      seen.set(key, {
        ref: {
          group: slash < 0 ? '' : apiVersion.slice(0, slash),
          version: apiVersion.slice(slash + 1),
          kind,
          namespace: metadata.namespace ?? '',
          name: metadata.name,
        },
        uid: objectUid,
        resourceVersion: String(version),
        contentHash: contentHash(object, sampleHashKey),
        health: wellIn > 0 ? { state: 'Progressing', message: 'on its way' } : { state: 'Healthy', message: '' },
        images: [],
      })
    }
    return seen
  }

  private seeHook(key: string, ref: ObjectRef): HookSight {
    const seen = this.objects.get(refKey(ref))
    if (seen === undefined) return { state: 'absent' }
    if (seen.object.metadata.annotations?.[hookRunAnnotation] !== key) return { state: 'other' }
    if (seen.object.kind !== 'Job') return { state: 'succeeded' }
    if (seen.wellIn > 0) return { state: 'running' }
    if (this.cut.has(ref.name)) return { state: 'uncertain', message: 'its pod ended with Evicted' }
    return ref.name.includes('broken') ? { state: 'failed', message: 'exit code 1' } : { state: 'succeeded' }
  }

  /** Every change of host or target goes through here: the process may die right before it or right after. */
  private write(change: () => void): void {
    const kill = this.killIn
    if (kill !== undefined) kill.writes--
    if (kill?.writes === 0 && !kill.after) throw new Killed()
    change()
    this.writes++
    if (kill?.writes === 0) throw new Killed()
  }

  put(object: KubeObject, wellIn = 0): void {
    const key = refKey(refOfObject(object))
    const before = this.objects.get(key)
    const version = ++this.sequence
    this.objects.set(key, { object, uid: before?.uid ?? `uid-${version}`, version, wellIn })
  }

  private remove(ref: ObjectRef): void {
    const key = refKey(ref)
    const seen = this.objects.get(key)
    if (seen === undefined) return
    if ((seen.object.metadata.finalizers ?? []).length === 0) this.objects.delete(key)
    else this.put({ ...seen.object, metadata: { ...seen.object.metadata, deletionTimestamp: this.time } }, seen.wellIn)
  }

  /** What `ttlSecondsAfterFinished` does to jobs that ended. */
  expireJobs(): void {
    for (const { object, wellIn } of this.objects.values()) {
      if (object.kind === 'Job' && wellIn === 0) this.remove(refOfObject(object))
    }
  }

  private execute(effect: DeliveryEffect): EffectResult | undefined {
    if (
      !this.connected &&
      !['addFinalizer', 'removeFinalizer', 'loadSets', 'recordOrphan', 'recordLeft'].includes(effect.kind)
    ) {
      throw new Error(`${effect.kind} while the cluster is away`)
    }
    switch (effect.kind) {
      case 'addFinalizer':
        this.write(() => this.setFinalizers(['flotilla.dev/cleanup']))
        return undefined
      case 'removeFinalizer':
        this.write(() => {
          this.setFinalizers([])
          this.removed = this.delivery.metadata.deletionTimestamp !== undefined
        })
        return { kind: 'done' }
      case 'loadSets':
        for (const digest of effect.digests) this.loaded.set(digest, this.sets.get(digest))
        return undefined
      case 'dryRun':
        return { kind: 'failures', failures: [], skipped: [] }
      case 'startHook':
        return this.startHook(effect)
      case 'finishHook': {
        const seen = this.objects.get(refKey(effect.hook))
        if (seen?.object.metadata.annotations?.[hookRunAnnotation] === effect.hook.key) {
          const finalizers = (seen.object.metadata.finalizers ?? []).filter((name) => name !== hookFinalizer)
          this.write(() => this.put({ ...seen.object, metadata: { ...seen.object.metadata, finalizers } }, seen.wellIn))
          if (effect.remove) this.write(() => this.remove(effect.hook))
        }
        return { kind: 'done' }
      }
      case 'removeHooks':
        for (const ref of effect.refs) if (this.objects.has(refKey(ref))) this.write(() => this.remove(ref))
        return { kind: 'done' }
      case 'writeInventory':
        if (effect.inventory.resourceVersion !== this.inventory?.resourceVersion) throw new Error('late writer')
        this.write(() => {
          this.inventory = { ...effect.inventory, resourceVersion: String(++this.sequence) }
        })
        return { kind: 'done' }
      case 'removeInventory':
        this.write(() => {
          this.inventory = undefined
        })
        return { kind: 'done' }
      case 'apply':
        return this.apply(effect.waves.flat())
      case 'prune':
        for (const { ref, uid } of effect.objects) {
          const { labels } = this.objects.get(refKey(ref))?.object.metadata ?? {}
          if (uid === undefined && labels?.['flotilla.dev/delivery'] !== this.delivery.metadata.uid) continue
          this.write(() => {
            this.deleted.push(refKey(ref))
            this.remove(ref)
          })
        }
        return { kind: 'failures', failures: [], skipped: [] }
      case 'release':
        for (const ref of effect.refs) {
          const seen = this.objects.get(refKey(ref))
          if (seen !== undefined)
            this.write(() => this.put({ ...seen.object, metadata: { ...seen.object.metadata, labels: {} } }))
        }
        return { kind: 'done' }
      case 'writeHelmRecord': {
        const { releaseName, revision } = effect.record
        this.write(() =>
          this.releases.set(releaseName, { revision, status: 'deployed', writtenBy: this.delivery.metadata.uid }),
        )
        return { kind: 'done' }
      }
      case 'removeHelmRecords':
        for (const name of effect.releases) this.write(() => this.releases.delete(name))
        return { kind: 'done' }
      case 'checkDrift':
        for (const { object, resultKey } of effect.checks) {
          const seen = this.objects.get(refKey(object.ref))
          const same =
            seen !== undefined && contentHash(seen.object, sampleHashKey) === contentHash(object.object, sampleHashKey)
          this.results.set(resultKey, { kind: 'drift', paths: same ? [] : ['data'] })
        }
        return undefined
      case 'recordLeft':
      case 'recordOrphan':
        this.write(() => undefined)
        return { kind: 'done' }
      default:
        throw new Error(`unknown effect ${JSON.stringify(effect satisfies never)}`)
    }
  }

  private startHook({ run }: Extract<DeliveryEffect, { kind: 'startHook' }>): EffectResult {
    const instead = this.insteadOfRuns.get(run.hook.name)
    if (instead !== undefined) return instead
    const key = refKey(run.hook)
    const seen = this.objects.get(key)
    if (seen?.object.metadata.annotations?.[hookRunAnnotation] === run.hook.key) return { kind: 'done' }
    if (seen !== undefined) {
      this.write(() => {
        this.objects.delete(key)
      })
    }
    this.write(() => {
      this.put(run.object, run.object.kind === 'Job' ? 2 : 0)
      this.hookRuns.push({ id: run.hook.id, key: run.hook.key, digest: this.delivery.status?.attempt?.digest ?? '' })
    })
    return { kind: 'done' }
  }

  private apply(objects: readonly PreparedObject[]): EffectResult {
    const applied = new Map<string, { live: string; resourceVersion: string }>()
    if (this.refusing) {
      const failures = objects.map(({ ref }) => ({
        ref,
        code: 'kube.invalid' as const,
        message: `refused ${ref.name}`,
      }))
      return { kind: 'applied', applied, failures, skipped: [], at: this.time }
    }
    const scaled = [...this.objects.values()].flatMap(({ object }) =>
      object.kind === 'HorizontalPodAutoscaler' ? [readText(object, 'spec', 'scaleTargetRef', 'name')] : [],
    )
    for (const { ref, object: sent, still } of objects) {
      const key = refKey(ref)
      const seen = this.objects.get(key)
      const left = still === undefined && scaled.some((name) => name === undefined || name === ref.name)
      const replicas = left && seen?.object.kind === 'Deployment' ? { spec: seen.object['spec'] } : {}
      const object = { ...sent, ...replicas }
      if (seen === undefined || contentHash(seen.object, sampleHashKey) !== contentHash(object, sampleHashKey))
        this.write(() => this.put(object, this.ill.has(ref.name) ? Infinity : 1))
      const after = this.objects.get(key)
      applied.set(key, { live: contentHash(object, sampleHashKey), resourceVersion: String(after?.version ?? 0) })
    }
    return { kind: 'applied', applied, failures: [], skipped: [], at: this.time }
  }

  private setFinalizers(finalizers: string[]): void {
    this.delivery = { ...this.delivery, metadata: { ...this.delivery.metadata, finalizers } }
  }

  /** Passes until nothing changes any more; the number of passes is bounded. */
  settle(passes = 120): DeliveryStatus | undefined {
    let quiet = 0
    for (let at = 0; at < passes && quiet < 3; at++) {
      this.tick(1)
      quiet = this.pass() ? quiet + 1 : 0
    }
    return this.delivery.status
  }
}

function refOfObject({ apiVersion, kind, metadata }: KubeObject): ObjectRef {
  const slash = apiVersion.indexOf('/')
  const [group, version] = slash < 0 ? ['', apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)]
  return { group, version, kind, namespace: metadata.namespace ?? '', name: metadata.name }
}
