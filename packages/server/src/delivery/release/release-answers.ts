import type { ReleaseDetail, ReleaseDifference } from '@flotilla/api'
import { FlotillaError, type FrozenDocument, type Release, targetKey } from '@flotilla/model'
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
  const components = (release: Release): Promise<ReleaseDetail['components']> => componentsOf(deps, release)
  return {
    components,
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
        components: against === undefined ? await components(release) : await componentsBetween(deps, against, release),
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

function isAsked(
  item: { readonly cluster: string; readonly namespace: string; readonly component: string },
  { clusters, namespace, components }: Asked,
): boolean {
  if (clusters?.includes(item.cluster) === false) return false
  if (namespace !== undefined && item.namespace !== namespace) return false
  return components?.includes(item.component) !== false
}

function applicationOf({ shared }: ReleaseDeps, { metadata, spec }: Release) {
  const application = shared.state.applications.get(metadata.namespace ?? '', spec.application)
  if (application !== undefined) return application
  throw new FlotillaError('request.not_found', {
    message: `There is no application ${spec.application} any more`,
    field: 'application',
    value: spec.application,
  })
}

async function componentsOf(deps: ReleaseDeps, release: Release): Promise<ReleaseDetail['components']> {
  const document = await documentOf(deps, release)
  if (document !== undefined)
    return computeComponentChanges(document.targets.map((target) => ({ before: target.baseline, after: target })))
  return componentsOfDraft(deps, release)
}

async function componentsBetween(
  deps: ReleaseDeps,
  before: Release,
  after: Release,
): Promise<ReleaseDetail['components']> {
  const [left, right] = [await documentOf(deps, before), await documentOf(deps, after)]
  const old = new Map((left?.targets ?? []).map((target) => [targetKey(target), target]))
  return computeComponentChanges(
    (right?.targets ?? []).map((target) => ({ before: old.get(targetKey(target)), after: target })),
  )
}

async function documentOf({ documents }: ReleaseDeps, { status }: Release): Promise<FrozenDocument | undefined> {
  const digest = status?.frozen?.document
  return digest === undefined ? undefined : documents.releases.get(digest)
}

/** Of a draft nothing is rendered yet: what is chosen, beside what runs. */
function componentsOfDraft({ shared }: ReleaseDeps, { metadata, spec }: Release): ReleaseDetail['components'] {
  const running = shared.state.deliveries
    .list(metadata.namespace ?? '')
    .filter((delivery) => delivery.spec.application.name === spec.application)
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
