import { setImmediate as nextTurn } from 'node:timers/promises'
import { type KubeObject, refKey, refOf } from '@flotilla/model'
import { asEverybodyReads } from '@flotilla/model/yaml'
import { stringify } from 'yaml'
import { keyedDigestOf } from '../digests.ts'
import { applyImageOverrides } from '../objects/image-overrides.ts'
import { applyPatches } from '../objects/apply-patches.ts'
import type { Finding, HelmHookRecord, HelmReleaseContent, Hook, RenderedSet, RenderRequest } from '../types.ts'
import type { RawRender } from './raw-render.ts'

/** Turns what was rendered into what is delivered: images, then patches, hooks described, all under one keyed digest. */
export async function finishSet(raw: RawRender, request: RenderRequest, digestKey: Uint8Array): Promise<RenderedSet> {
  const plain = raw.objects.length
  // Hooks run the same images and obey the same patches as the rest.
  const all = [...raw.objects, ...raw.hooks.map((hook) => hook.object)]
  const imaged = applyImageOverrides(all, request.images ?? {})
  const patched = applyPatches(imaged.objects, request.patches ?? [])
  const changed = imaged.changed || patched.changed
  const objects = patched.objects.slice(0, plain)
  const hookObjects = patched.objects.slice(plain)

  const hooks: Hook[] = raw.hooks.flatMap(({ record }, index) => {
    const object = hookObjects[index]
    const described = raw.helm?.hooks[record]
    return object === undefined || described === undefined ? [] : [describeHook(object, described)]
  })
  const digest = await keyedDigestOf(digestKey, [
    ['objects', objects.length, 'crds', raw.crds.length, 'hooks', hooks.length],
    ...objects,
    ...raw.crds,
    ...hooks,
  ])
  const helmRelease =
    raw.helm === undefined ? undefined : await releaseContent(raw, request, objects, hookObjects, changed)
  return {
    digest,
    objects,
    crds: raw.crds,
    hooks,
    notes: raw.notes,
    ...(raw.helm === undefined ? {} : { chart: raw.helm.chart }),
    ...(helmRelease === undefined ? {} : { helmRelease }),
    origins: raw.origins,
    findings: [...raw.findings, ...unmatched(imaged.unmatched, patched.unmatched)],
  }
}

function describeHook(object: KubeObject, record: HelmHookRecord): Hook {
  return {
    name: record.name,
    path: record.path,
    object,
    events: record.events,
    weight: record.weight,
    deletePolicies: record.deletePolicies.length === 0 ? ['before-hook-creation'] : record.deletePolicies,
    outputLogPolicies: record.outputLogPolicies,
  }
}

/** Helm's own text where nothing was changed; else the changed objects, as a post-renderer would leave them. */
async function releaseContent(
  raw: RawRender,
  request: RenderRequest,
  objects: readonly KubeObject[],
  hookObjects: readonly KubeObject[],
  changed: boolean,
): Promise<HelmReleaseContent> {
  const common = { values: request.values ?? {}, notes: raw.notes }
  const helm = raw.helm ?? { manifest: '', hooks: [] }
  if (!changed) return { ...common, manifest: helm.manifest, hooks: helm.hooks }
  const documents: string[] = []
  for (const [index, object] of objects.entries()) {
    // Patches keep the order, so the origin is that of the object before them.
    const before = raw.objects[index] ?? object
    documents.push(`---\n# Source: ${raw.origins[refKey(refOf(before))] ?? 'patched'}\n${toYaml(object)}`)
    await nextTurn()
  }
  const texts = new Map<number, string[]>()
  for (const [index, hook] of raw.hooks.entries()) {
    const object = hookObjects[index]
    if (object !== undefined) texts.set(hook.record, [...(texts.get(hook.record) ?? []), toYaml(object)])
  }
  const hooks = helm.hooks.map((hook, index) => {
    const text = texts.get(index)
    return text === undefined ? hook : Object.assign({}, hook, { manifest: text.join('---\n') })
  })
  return { ...common, manifest: documents.join(''), hooks }
}

const longestReadable = 512 * 1024

/** YAML 1.1, because that is what Helm reads it as; very large objects as JSON, which is YAML too and quick to write. */
function toYaml(object: KubeObject): string {
  const json = JSON.stringify(object)
  if (json.length > longestReadable) return `${json}\n`
  return stringify(JSON.parse(json), asEverybodyReads)
}

function unmatched(images: readonly string[], patches: readonly number[]): Finding[] {
  return [
    ...images.map((name): Finding => ({
      code: 'image.unmatched',
      message: `No container uses the image ${name}`,
      path: `images[${JSON.stringify(name)}]`,
    })),
    ...patches.map((index): Finding => ({
      code: 'patch.unmatched',
      message: `Patch ${index + 1} matches no object`,
      path: `patches[${index}]`,
    })),
  ]
}
