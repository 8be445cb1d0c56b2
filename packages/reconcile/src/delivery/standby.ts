import { annotations, isRecord, type KubeObject, parseApiVersion } from '@flotilla/model'

/** Fields of a spec that keep an object from acting, whoever else would set them. */
export type Still = Readonly<{ suspend: true }> | Readonly<{ replicas: 0 }>

/** What becomes of an object in a target in standby. `left-out`: it acts by being there. */
export type Standing = 'as-ever' | 'left-out' | Still

/** Kinds that set the number of replicas of what they name. */
const autoscalers: Readonly<Record<string, readonly string[]>> = {
  HorizontalPodAutoscaler: ['autoscaling'],
  ScaledObject: ['keda.sh'],
}

/** Objects of a set as they stand in standby; asked of each once, with all of its set at hand. */
export function computeStanding(objects: readonly KubeObject[]): (object: KubeObject) => Standing {
  const consumers = new Set(
    objects.filter(isConsumer).map((object) => nameIn(object, object.kind, object.metadata.name)),
  )
  return (object) => {
    const { group } = parseApiVersion(object.apiVersion)
    if (group === 'batch' && object.kind === 'CronJob') return { suspend: true }
    if (group === 'batch' && object.kind === 'Job') return 'left-out'
    if (group === 'keda.sh' && object.kind === 'ScaledJob') return 'left-out'
    if (isConsumer(object)) return { replicas: 0 }
    const scaled = autoscalers[object.kind]?.includes(group) === true ? scaledBy(object) : undefined
    return scaled !== undefined && consumers.has(scaled) ? 'left-out' : 'as-ever'
  }
}

/** A workload that people marked as one whose pods act by themselves. */
export function isConsumer({
  apiVersion,
  kind,
  metadata,
}: Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>): boolean {
  const scales = parseApiVersion(apiVersion).group === 'apps' && (kind === 'Deployment' || kind === 'StatefulSet')
  return scales && metadata.annotations?.[annotations.consumer] === 'true'
}

/** The object with what keeps it still; a manager that something is left to has no say in that. */
export function keepStill(object: KubeObject, still: Still | undefined): KubeObject {
  if (still === undefined) return object
  const { spec } = object
  return { ...object, spec: { ...(isRecord(spec) ? spec : {}), ...still } }
}

function scaledBy(object: KubeObject): string | undefined {
  const { spec } = object
  const target = isRecord(spec) ? spec['scaleTargetRef'] : undefined
  if (!isRecord(target) || typeof target['name'] !== 'string') return undefined
  // KEDA means a Deployment where no kind is given
  const { kind = 'Deployment', name } = target
  return typeof kind === 'string' ? nameIn(object, kind, name) : undefined
}

const nameIn = ({ metadata: { namespace = '' } }: KubeObject, kind: string, name: string): string =>
  `${kind}/${namespace}/${name}`
