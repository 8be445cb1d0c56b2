import { asFlotillaError, type Finding, FlotillaError } from '@flotilla/model'
import { computeImages, findMatchedPatches, type RenderedComponent } from '@flotilla/reconcile'
import {
  defaultNamespace,
  type Finding as RenderFinding,
  type JsonObject,
  type RenderedSet,
  type Renderer,
  type ScopeOf,
  scopesOfDefinitions,
} from '@flotilla/render'
import type { FleetConnections } from '../../fleet/connections.ts'
import type { StoredSet, StoredSets } from '../rendered-set.ts'
import type { Capabilities } from './capabilities.ts'
import { createLookup } from './lookup.ts'
import type { RenderJob } from './render-job.ts'
import type { SourceStore } from './source-store.ts'
import { differsByLot, type UnstableFields, unstableFields } from './unstable-fields.ts'

export interface RenderDeps {
  readonly renderer: Pick<Renderer, 'render'>
  readonly sources: SourceStore
  readonly fleet: Pick<FleetConnections, 'deliveryClient'>
}

export interface RenderResult {
  readonly set: StoredSet
  readonly version: string | undefined
  readonly appVersion: string | undefined
  readonly findings: readonly Finding[]
  /** Fields that come out differently each time. */
  readonly unstable: readonly UnstableFields[]
  /** The chart looked something up, so that the result holds for this cluster alone. */
  readonly lookedUp: boolean
}

/** Renders one component for one target. Writes nothing. Errors: `render.*`, `input.*`, `source.*`, those of lookups. */
export async function renderComponent(deps: RenderDeps, job: RenderJob, signal: AbortSignal): Promise<RenderResult> {
  const { renderer, sources, fleet } = deps
  const { component, target, capabilities, releaseName, inputs } = job
  const source = await sources.get(job.kind, job.source.digest)
  if (source === undefined)
    throw new FlotillaError('source.unreachable', {
      message: `What ${component.name} was resolved to is no longer stored`,
    })
  const { lookup, used } = createLookup(fleet, target.cluster, job.projectUid)
  const set = await renderer.render({
    source,
    release: { name: releaseName, namespace: target.namespace, upgrade: inputs.upgrade, revision: inputs.revision },
    // values come from JSON of the API server and from YAML: they hold nothing else
    values: job.values as JsonObject,
    capabilities: capabilities.capabilities,
    images: job.images,
    patches: job.layers.patches.map(({ patch }) => patch),
    redact: job.secrets,
    lookup,
    signal,
  })
  return {
    set: toStoredSet(job, set),
    version: set.chart?.version ?? job.source.version,
    appVersion: set.chart?.appVersion === '' ? undefined : set.chart?.appVersion,
    findings: set.findings.filter(({ code }) => code !== 'patch.unmatched').map(toFinding),
    unstable: unstableFields(set.findings),
    lookedUp: used(),
  }
}

/** Renders and stores; what was rendered from the same inputs before keeps its place. */
export async function renderAndStore(
  deps: RenderDeps & { readonly sets: StoredSets },
  job: RenderJob,
  signal: AbortSignal,
): Promise<{ rendered: RenderedComponent; ofTarget: boolean }> {
  const result = await renderComponent(deps, job, signal)
  const fresh = await deps.sets.put(result.set)
  const settled =
    job.settledDigest === undefined || job.settledDigest === fresh ? undefined : await deps.sets.get(job.settledDigest)
  const keep = settled !== undefined && (!job.capabilitiesChanged || differsByLot(settled, result.set, result.unstable))
  const all = [...result.set.crds, ...result.set.objects, ...result.set.hooks.map(({ object }) => object)]
  return {
    // lots are drawn for each target by itself, so that none has to take over those of another
    ofTarget: result.lookedUp || result.unstable.length > 0,
    rendered: {
      digest: keep && job.settledDigest !== undefined ? job.settledDigest : fresh,
      version: result.version,
      appVersion: result.appVersion,
      images: [...new Set(result.set.objects.flatMap(computeImages))].slice(0, 50),
      inputs: job.inputs,
      matchedPatches: findMatchedPatches(job.layers.patches, all),
      findings: result.findings,
    },
  }
}

/** Whether a render that failed may go better without anybody changing its inputs: it asked the cluster. */
export function asRenderFailure(thrown: unknown): FlotillaError {
  const error = asFlotillaError(thrown)
  if (error.next === 'retry' || !error.code.startsWith('kube.')) return error
  return new FlotillaError('cluster.unauthorized', { message: error.message, remedy: error.remedy, cause: thrown })
}

function toStoredSet(job: RenderJob, rendered: RenderedSet): StoredSet {
  const { crds, objects, hooks, notes, helmRelease } = rendered
  const scopeOf = createScopes(job.capabilities.capabilities, [...crds, ...objects])
  const place = (list: RenderedSet['objects']) => defaultNamespace(list, job.target.namespace, scopeOf).objects
  return {
    component: job.component.name,
    crds: place(crds),
    objects: place(objects),
    hooks: hooks.flatMap(({ name, object, events, weight, deletePolicies }) =>
      place([object]).map((placed) => ({ name, object: placed, events, weight, deletePolicies })),
    ),
    notes,
    ...(job.secrets.length === 0 ? {} : { secrets: job.secrets }),
    ...(helmRelease === undefined
      ? {}
      : {
          helm: {
            releaseName: job.releaseName,
            chartDigest: job.source.digest,
            values: helmRelease.values,
            manifest: helmRelease.manifest,
            hooks: helmRelease.hooks,
          },
        }),
  }
}

/** By the definitions that come with the set, else by what the cluster serves; a kind that neither knows is namespaced. */
function createScopes({ clusterScoped }: Capabilities, objects: RenderedSet['objects']): ScopeOf {
  const served = new Set(clusterScoped)
  const defined = scopesOfDefinitions(objects)
  return (group, kind) => defined(group, kind) ?? (served.has(`${group}/${kind}`) ? 'Cluster' : 'Namespaced')
}

const informative = new Set<RenderFinding['code']>(['render.lookup_skipped', 'chart.deprecated'])

function toFinding({ code, message, object, path }: RenderFinding): Finding {
  const field = [object, path].filter((part) => part !== undefined).join(' ')
  return {
    severity: informative.has(code) ? 'Info' : 'Warning',
    code,
    message: message.slice(0, 1500),
    ...(field === '' ? {} : { field: field.slice(0, 512) }),
  }
}
