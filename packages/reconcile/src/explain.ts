import { type KubeObject, type Patch, isRecord, matchesTarget } from '@flotilla/model'
import { type ComponentLayers, describeOrigin, type LayerOrigin } from './layers.ts'
import { computeStanding, keepStill } from './delivery/standby.ts'
import type { ValueMap } from './merge-values.ts'
import { formatPath, parseValuePath, type PathStep, readPath, type ValueAt } from './value-path.ts'

export type LayerKind = 'chart' | 'valuesFrom' | 'values' | 'override' | 'images' | 'patch' | 'standby'

/** What one layer says of a path. */
export interface LayerSays {
  readonly kind: LayerKind
  /** `chart defaults`, `Secret db/values.yaml`, `application`, `override prod`, `patch 1 of override prod`. */
  readonly layer: string
  /** Where to change it; absent for what comes with the chart. */
  readonly origin?: LayerOrigin | undefined
  readonly set: boolean
  /** Left out where nothing is set or it comes from a Secret. */
  readonly value?: unknown
  /** The value comes from a Secret and is not shown. */
  readonly masked: boolean
  readonly wins: boolean
}

export interface Explanation {
  readonly path: string
  /** Name of the layer that set it; absent when nothing did. */
  readonly winner?: string | undefined
  readonly set: boolean
  readonly value?: unknown
  readonly masked: boolean
  /** Lowest first. */
  readonly layers: readonly LayerSays[]
  /** What else there is to know, in a sentence. */
  readonly note?: string | undefined
}

export interface ValueQuestion {
  readonly path: string
  readonly layers: ComponentLayers
  /** The chart's own values with those of its subcharts, as Helm computes them; absent for what is no chart. */
  readonly chartDefaults?: ValueMap | undefined
  /** What the templates see in the end, as Helm computes it. */
  readonly effective: ValueMap
}

const maskedText = 'shown to nobody: it comes from a Secret'

/** Which layer set a value, and what every other one says. */
export function explainValue({ path, layers, chartDefaults, effective }: ValueQuestion): Explanation {
  const steps = parseValuePath(path)
  const said: { kind: LayerKind; layer: string; origin?: LayerOrigin; at: ValueAt; secret: boolean }[] = []
  if (chartDefaults !== undefined)
    said.push({ kind: 'chart', layer: 'chart defaults', at: readPath(chartDefaults, steps), secret: false })
  for (const { origin, values } of layers.values)
    said.push({
      kind: kindOf(origin),
      layer: describeOrigin(origin),
      origin,
      at: readLayer(values, steps),
      secret: origin.kind === 'valuesFrom',
    })
  const final = readPath(effective, steps)
  const winner = said.findLastIndex(({ at }) => at.set)
  const above = said[winner]
  const several = said.filter(({ at }) => at.set).length > 1
  // a map is made of what several layers say: a Secret among them is enough to keep it to ourselves
  const masked =
    above !== undefined && said.some(({ at, secret }) => secret && at.set && (above.secret || isMap(final)))
  return {
    path: formatPath(steps),
    ...(above === undefined ? {} : { winner: above.layer }),
    set: final.set,
    ...(final.set && !masked ? { value: final.value } : {}),
    masked,
    layers: said.map(({ kind, layer, origin, at, secret }, index): LayerSays => ({
      kind,
      layer,
      origin,
      set: at.set,
      value: at.set && !secret ? at.value : undefined,
      masked: secret && at.set,
      wins: index === winner,
    })),
    ...noteOf(above, final, several, masked),
  }
}

/** Reads `Deployment/web spec.replicas`; undefined for a path of values. */
export function parseObjectPath(text: string): { kind: string; name: string; steps: PathStep[] } | undefined {
  const found = /^([A-Za-z][A-Za-z0-9]{0,62})\/([a-z0-9][-a-z0-9.:]{0,252})\s+(\S.*)$/.exec(text.trim())
  const [, kind, name, path] = found ?? []
  if (kind === undefined || name === undefined || path === undefined) return undefined
  return { kind, name, steps: parseValuePath(path) }
}

export interface ObjectQuestion {
  readonly path: string
  readonly layers: ComponentLayers
  /** What is wanted in the target. */
  readonly objects: readonly KubeObject[]
  /** Nothing in the target acts by itself. */
  readonly standby?: boolean | undefined
}

/** Which patch or image rule set a field of a rendered object; undefined when the path is not of that form. */
export function explainObject({ path, layers, objects, standby }: ObjectQuestion): Explanation | undefined {
  const asked = parseObjectPath(path)
  if (asked === undefined) return undefined
  const { kind, name, steps } = asked
  const object = objects.find((candidate) => candidate.kind === kind && candidate.metadata.name === name)
  // hooks run when something is delivered, and not by themselves
  const acts = object !== undefined && object.metadata.annotations?.['helm.sh/hook'] === undefined
  const standing = standby === true && acts ? computeStanding(objects)(object) : 'as-ever'
  const still = standing === 'as-ever' || standing === 'left-out' ? undefined : standing
  const kept = object === undefined || standing === 'left-out' ? undefined : keepStill(object, still)
  const final: ValueAt = kept === undefined ? { set: false } : readPath(kept, steps)
  const secret = kind === 'Secret' && (steps[0] === 'data' || steps[0] === 'stringData')
  const said: Omit<LayerSays, 'wins'>[] = []
  if (object !== undefined) {
    for (const rule of imageRules(layers, steps, final)) said.push(rule)
    for (const { override, index, patch } of layers.patches) {
      const at = matchesTarget(patch.target, object) ? readPatch(patch, steps, object) : { set: false as const }
      said.push({
        kind: 'patch',
        layer: `patch ${index + 1} of override ${override}`,
        origin: { kind: 'override', override },
        set: at.set,
        ...(at.set && !secret ? { value: at.value } : {}),
        masked: secret && at.set,
      })
    }
  }
  if (object !== undefined && standing !== 'as-ever') {
    const of =
      standing === 'left-out' || (steps[0] === 'spec' && (steps[1] === undefined || String(steps[1]) in standing))
    const value = final.set ? final.value : null
    said.push({ kind: 'standby', layer: 'standby of the target', set: of, ...(of ? { value } : {}), masked: false })
  }
  const changed = said.some(({ set }) => set)
  // what stood there before a patch or an image rule is not kept
  said.unshift({
    kind: 'chart',
    layer: 'rendered from values',
    set: final.set && !changed,
    ...(final.set && !changed && !secret ? { value: final.value } : {}),
    masked: secret && final.set && !changed,
  })
  const winner = said.findLastIndex(({ set }) => set)
  return {
    path: `${kind}/${name} ${formatPath(steps)}`,
    ...(winner < 0 ? {} : { winner: said[winner]?.layer }),
    set: final.set,
    ...(final.set && !secret ? { value: final.value } : {}),
    masked: secret && final.set,
    layers: said.map((layer, index) => Object.assign({}, layer, { wins: index === winner })),
    ...(object === undefined ? { note: `No ${kind} ${name} is wanted in this target` } : {}),
    ...(!changed && object !== undefined
      ? { note: 'No patch changes it: it is as the source rendered it from its values' }
      : {}),
  }
}

/** A layer also has a say when it sets something above the path that leaves no room for it. */
function readLayer(values: ValueMap, steps: readonly PathStep[]): ValueAt {
  const at = readPath(values, steps)
  if (at.set) return at
  for (let length = steps.length - 1; length > 0; length--) {
    const above = readPath(values, steps.slice(0, length))
    // a list or a plain value replaces all that lower layers had below it; a null deletes it
    if (above.set && !isRecord(above.value)) return { set: true, value: null }
  }
  return at
}

function readPatch(patch: Patch, steps: readonly PathStep[], object: KubeObject): ValueAt {
  let found: ValueAt = { set: false }
  for (const { op, path, from, value: given } of patch.operations) {
    if (op === 'test') continue
    if (op === 'move' && touches(pointerOf(from ?? ''), steps, object)) found = { set: true, value: null }
    const value = op === 'move' || op === 'copy' ? `what was at ${from ?? ''}` : given
    const pointer = pointerOf(path)
    if (!touches(pointer, steps, object)) continue
    if (op === 'remove') found = { set: true, value: null }
    else if (pointer.length <= steps.length) {
      const below = readPath(value, steps.slice(pointer.length))
      found = { set: true, value: below.set ? below.value : null }
    } else found = { set: true, value }
  }
  return found
}

const pointerOf = (path: string): string[] =>
  path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))

/** Whether what the pointer names holds the field, or lies in it. What was added to the end of a list stands there last. */
function touches(pointer: readonly string[], steps: readonly PathStep[], object: KubeObject): boolean {
  return pointer.every((part, index) => {
    const step = steps[index]
    if (step === undefined || part === String(step)) return true
    if (part !== '-') return false
    const list = readPath(object, steps.slice(0, index))
    return list.set && Array.isArray(list.value) && step === list.value.length - 1
  })
}

function imageRules(layers: ComponentLayers, steps: readonly PathStep[], final: ValueAt): Omit<LayerSays, 'wins'>[] {
  if (steps.at(-1) !== 'image' || !final.set || typeof final.value !== 'string') return []
  const image = final.value
  return layers.images.flatMap(({ origin, images }) =>
    Object.entries(images)
      // the rule that made it: its own text is what stands there now
      .filter(
        ([name, use]) =>
          image === use || image === `${name}${use}` || image.startsWith(`${use}:`) || image.startsWith(`${use}@`),
      )
      .map(([name, use]) => ({
        kind: 'images' as const,
        layer: `images of ${describeOrigin(origin)}`,
        origin,
        set: true,
        value: `${name} -> ${use}`,
        masked: false,
      })),
  )
}

const kindOf = ({ kind }: LayerOrigin): LayerKind => (kind === 'component' ? 'values' : kind)

const isMap = (at: ValueAt): boolean => at.set && (isRecord(at.value) || Array.isArray(at.value))

function noteOf(
  winner: { readonly layer: string; readonly at: ValueAt } | undefined,
  final: ValueAt,
  several: boolean,
  masked: boolean,
): { note?: string } {
  if (winner === undefined) return { note: 'No layer sets it; a template may still have a value of its own' }
  if (masked) return { note: maskedText }
  if (winner.at.set && winner.at.value === null && !final.set) return { note: `${winner.layer} deletes it` }
  if (several && isRecord(final.set ? final.value : undefined)) return { note: 'The layers are merged, field by field' }
  return {}
}
