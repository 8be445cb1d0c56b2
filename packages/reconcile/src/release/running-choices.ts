import {
  type ApplicationSpec,
  type Delivery,
  type DesiredComponent,
  type ReleaseChoice,
  type Target,
} from '@flotilla/model'
import { computeLayers, mergeImages } from '../layers.ts'

export interface RunningChoicesQuestion {
  readonly delivery: Delivery
  /** The application as it was when that was rendered. */
  readonly spec: ApplicationSpec
  readonly target: Target
  readonly targets: readonly Target[]
  /** Exact versions of the definitions then, by component. */
  readonly versions: ReadonlyMap<string, string>
  /** Deliveries of the application in other targets. */
  readonly others: readonly Delivery[]
}

/**
 * What a target runs, said as choices that another one can be given: exact definitions, the images that the application
 * names there, and those that come of the target's own values (the same definition runs another one elsewhere).
 */
export function computeRunningChoices(question: RunningChoicesQuestion): ReleaseChoice[] {
  const { delivery, spec, target, targets, versions, others } = question
  return (delivery.spec.desired?.components ?? []).flatMap((running): ReleaseChoice[] => {
    const component = spec.components.find(({ name }) => name === running.name)
    if (component === undefined) return []
    const named = mergeImages(computeLayers({ spec, component, target, targets, valuesFrom: [] }))
    const images = { ...ownImages(running, others, new Set(Object.values(named))), ...named }
    const version = versions.get(running.name)
    if (version === undefined && Object.keys(images).length === 0) return []
    return [
      {
        name: running.name,
        ...(version === undefined ? {} : { version }),
        ...(Object.keys(images).length === 0 ? {} : { images }),
      },
    ]
  })
}

function ownImages(
  running: DesiredComponent,
  others: readonly Delivery[],
  named: ReadonlySet<string>,
): Record<string, string> {
  const elsewhere = others.flatMap(({ spec }) =>
    (spec.desired?.components ?? []).filter(
      ({ name, version }) => name === running.name && version === running.version,
    ),
  )
  const found = (running.images ?? []).filter((image) => {
    const name = nameOfImage(image)
    if (named.has(image) || named.has(image.slice(name.length))) return false
    return elsewhere.some(({ images = [] }) => images.some((other) => nameOfImage(other) === name && other !== image))
  })
  return Object.fromEntries(found.map((image) => [nameOfImage(image), image]))
}

/** `host:5000/path/name` of `host:5000/path/name:tag@sha256:...`. */
function nameOfImage(image: string): string {
  const [plain = ''] = image.split('@')
  const colon = plain.indexOf(':', plain.lastIndexOf('/') + 1)
  return colon < 0 ? plain : plain.slice(0, colon)
}
