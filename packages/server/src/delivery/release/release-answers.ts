import type { ReleaseDetail, ReleaseDifference } from '@flotilla/api'
import { FlotillaError, type FrozenDocument, type Release, targetKey, type TargetRef } from '@flotilla/model'
import { wantedOf } from '@flotilla/reconcile'
import type { ReleaseService } from '../../http/deps.ts'
import { computeComponentChanges } from './component-changes.ts'
import type { ReleaseDeps } from './deps.ts'
import type { ReleaseServices } from './release-services.ts'

type Asked = Parameters<ReleaseService['difference']>[0]

/** What the HTTP side asks of releases, in its own shapes. */
export function createReleaseAnswers(
  deps: ReleaseDeps,
  services: ReleaseServices,
): Pick<ReleaseService, 'components' | 'difference' | 'runningVersions'> {
  return {
    components: (release) => componentsOf(deps, release, { isChosen: () => true }),
    runningVersions: (delivery) => services.runningVersions(delivery),
    difference: async (asked) => {
      const { release, against, signal } = asked
      // one cluster is asked for by itself, so that a bound on objects does not hide it
      const [only] = asked.clusters?.length === 1 ? asked.clusters : []
      const target = only === undefined ? undefined : { cluster: only, namespace: asked.namespace }
      const found =
        against === undefined
          ? await services.difference({ release, application: applicationOf(deps, release), target, signal })
          : await services.compare({ before: against, after: release, target, signal })
      const items = found.items.filter((item) => isAsked(item, asked))
      return {
        digest: release.status?.frozen?.digest,
        components: await componentsOf(deps, release, { against, isChosen: (target) => isChosen(target, asked) }),
        targets: found.targets.map(({ change: _change, ...rest }) => rest),
        items,
        truncated: found.truncated,
        failures: [],
        findings: [...found.findings],
        unchanged: found.targets.filter(({ change }) => change === 'unchanged').length,
      } satisfies ReleaseDifference
    },
  }
}

type Place = Pick<TargetRef, 'cluster' | 'namespace'>

const isChosen = ({ cluster, namespace }: Place, asked: Asked): boolean =>
  asked.clusters?.includes(cluster) !== false && (asked.namespace === undefined || asked.namespace === namespace)

const isAsked = (item: Place & { readonly component: string }, asked: Asked): boolean =>
  isChosen(item, asked) && asked.components?.includes(item.component) !== false

function applicationOf({ shared }: ReleaseDeps, { metadata, spec }: Release) {
  const application = shared.state.applications.get(metadata.namespace ?? '', spec.application)
  if (application !== undefined) return application
  throw new FlotillaError('request.not_found', {
    message: `There is no application ${spec.application} any more`,
    field: 'application',
    value: spec.application,
  })
}

interface Part {
  /** Another frozen release; absent: what ran before this one. */
  readonly against?: Release | undefined
  readonly isChosen: (target: Place) => boolean
}

/** Versions and images before and after, of the targets that are chosen: they may differ from one to another. */
async function componentsOf(deps: ReleaseDeps, release: Release, part: Part): Promise<ReleaseDetail['components']> {
  const document = await documentOf(deps, release)
  if (document === undefined) return componentsOfDraft(deps, release, part)
  const left = part.against && (await documentOf(deps, part.against))
  const old = new Map((left?.targets ?? []).map((target) => [targetKey(target), target]))
  return computeComponentChanges(
    document.targets.filter(part.isChosen).map((target) => ({
      before: part.against === undefined ? target.baseline : old.get(targetKey(target)),
      after: target,
    })),
  )
}

async function documentOf({ documents }: ReleaseDeps, { status }: Release): Promise<FrozenDocument | undefined> {
  const digest = status?.frozen?.document
  return digest === undefined ? undefined : documents.releases.get(digest)
}

/** Of a draft nothing is rendered yet: what is chosen, beside what runs. */
function componentsOfDraft(
  { shared }: ReleaseDeps,
  { metadata, spec }: Release,
  { isChosen: isPart }: Part,
): ReleaseDetail['components'] {
  const running = shared.state.deliveries
    .list(metadata.namespace ?? '')
    .filter((delivery) => delivery.spec.application.name === spec.application && isPart(delivery.spec.target))
    .map((delivery) => ({ before: wantedOf(delivery) }))
  const now = new Map(computeComponentChanges(running).map((one) => [one.component, one]))
  return spec.components.map(({ name, version, images }) => {
    const had = now.get(name)
    return {
      component: name,
      definition: { before: had?.definition.before, after: version ?? had?.definition.before },
      images: Object.entries(images ?? {}).map(([image, after]) => ({
        image,
        before: had?.images.find((one) => one.image === image)?.before,
        after,
      })),
    }
  })
}
