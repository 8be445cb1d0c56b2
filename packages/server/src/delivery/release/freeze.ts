import { failpoint } from '@flotilla/engine'
import {
  Application,
  ApplicationKind,
  asFlotillaError,
  canonicalJson,
  fieldManager,
  type Finding,
  FlotillaError,
  type FrozenDocument,
  type FrozenTarget,
  group,
  type KubeObject,
  parseInput,
  type Release,
  version,
} from '@flotilla/model'
import { componentVersionsOf, declaredDigest, frozenDigestInput, type FrozenStatus } from '@flotilla/reconcile'
import { keyedDigest } from '@flotilla/render'
import { editorsOf } from '../application/note-editor.ts'
import { inParallel } from '../delivery/in-parallel.ts'
import { SetComparison } from './compare-sets.ts'
import type { ReleaseDeps } from './deps.ts'
import { findAuthors } from './find-authors.ts'
import { findMigrations } from './find-migrations.ts'
import { renderRelease, type RenderedRelease } from './render-release.ts'

export interface FreezeQuestion {
  readonly release: Release
  readonly signal: AbortSignal
  readonly progress: (done: number, total: number) => Promise<void>
}

/** It was frozen whole, or nothing was. */
export type FreezeResult =
  | { readonly frozen: FrozenStatus; readonly findings: readonly Finding[] }
  | { readonly frozen: undefined; readonly findings: readonly Finding[]; readonly retry: boolean }

const comparedAtOnce = 4

/**
 * Renders a release for every target and stores all of it, so that nothing that moves later changes it. Errors: those of
 * host and store, and of `renderRelease`.
 */
export async function freezeRelease(
  deps: ReleaseDeps,
  { release, signal, progress }: FreezeQuestion,
): Promise<FreezeResult> {
  const { shared, documents } = deps
  const { host } = shared.fleet
  const live = await host.get(
    {
      group,
      version,
      kind: ApplicationKind.kind,
      namespace: release.metadata.namespace,
      name: release.spec.application,
    },
    { signal },
  )
  const application = parseInput(Application, live)
  const rendered = await renderRelease(deps, { release, application, signal, progress })
  failpoint('release-sets-stored')
  const findings = [...rendered.findings]
  if (rendered.targets.length === 0 && !findings.some(isError))
    findings.push({ severity: 'Error', code: 'application.no_targets', message: 'Its placement matches no target' })
  if (findings.some(isError)) return { frozen: undefined, findings, retry: rendered.retry }

  const { authors, outside } = await findAuthors(deps, { release, live, targets: rendered.targets })
  if (outside.length > 0)
    findings.push({
      severity: 'Warning',
      code: 'release.author_unknown',
      message: `The application was also edited past Flotilla (field manager ${outside.slice(0, 3).join(', ')}), and nobody can say by whom: only those who are known to have written it are kept from approving it`,
    })
  const document = toDocument(release, application, rendered, {
    migrations: await findMigrations(shared.sets, rendered.targets),
    editors: editorsOf(live),
    at: shared.now(),
  })
  const comparison = new SetComparison(shared.sets)
  const targets = await inParallel(rendered.targets, comparedAtOnce, async (target) => ({
    cluster: target.cluster,
    namespace: target.namespace,
    ...(target.environment === undefined ? {} : { environment: target.environment }),
    digest: target.digest,
    ...(target.baseline === undefined ? {} : { baseline: target.baseline.digest }),
    ...(await comparison.count({ before: target.baseline, after: target })),
  }))
  for (const component of comparison.lost)
    findings.push({
      severity: 'Warning',
      code: 'release.baseline_lost',
      message: `What runs of ${component} somewhere is no longer stored, so that all of it counts as new`,
      component,
    })
  const stored = await documents.releases.put(document)
  failpoint('release-document-stored')
  const versions = componentVersionsOf(document)
  for (const object of versions) {
    await createOnce(deps, object, signal)
    failpoint('release-version-written')
  }
  failpoint('release-versions-written')
  return {
    frozen: {
      digest: digestOf(rendered.targets, shared.digestKey),
      document: stored,
      at: document.at,
      declared: declaredDigest(application.spec),
      authors,
      componentVersions: versions.map(({ metadata }) => metadata.name),
      targets,
      ...(document.migrations.length === 0 ? {} : { migrations: [...document.migrations] }),
    },
    findings,
  }
}

const isError = ({ severity }: Finding): boolean => severity === 'Error'

const digestOf = (targets: readonly FrozenTarget[], digestKey: Uint8Array): string =>
  keyedDigest(digestKey, canonicalJson(frozenDigestInput(targets)))

function toDocument(
  release: Release,
  application: Application,
  { place, made, sources, targets }: RenderedRelease,
  { migrations, editors, at }: Pick<FrozenDocument, 'migrations' | 'editors' | 'at'>,
): FrozenDocument {
  const { project } = place
  return {
    release: { name: release.metadata.name, uid: release.metadata.uid ?? '' },
    application: { name: application.metadata.name, uid: application.metadata.uid ?? '' },
    project: { name: project.metadata.name, uid: project.metadata.uid ?? '', scope: project.spec.scope },
    declared: application.spec,
    choices: made.choices,
    spec: made.spec,
    sources,
    targets,
    migrations,
    editors,
    at,
  }
}

/** Its name says what is in it: one that is there already is the same. */
async function createOnce({ shared }: ReleaseDeps, object: KubeObject, signal: AbortSignal): Promise<void> {
  try {
    await shared.fleet.host.create(object, { fieldManager, signal })
  } catch (thrown) {
    const error = asFlotillaError(thrown)
    if (error.code === 'kube.conflict') return
    throw new FlotillaError(error.code, {
      message: `ComponentVersion ${object.metadata.name}: ${error.message}`,
      cause: thrown,
    })
  }
}
