import {
  type ApplicationSpec,
  computePlacement,
  type Delivery,
  type Finding,
  type Target,
  targetKey,
} from '@flotilla/model'
import type { Siblings } from './observed.ts'

/** The way round, such as `[shop, db, shop]`, when an application depends on itself over others. */
export function findCycle(
  application: string,
  applications: Readonly<Record<string, Pick<ApplicationSpec, 'dependsOn'>>>,
): string[] | undefined {
  const seen = new Set<string>()
  const walk = (at: string, path: readonly string[]): string[] | undefined => {
    for (const next of (Object.hasOwn(applications, at) ? applications[at]?.dependsOn : undefined) ?? []) {
      if (next === application) return [...path, next]
      if (seen.has(next)) continue
      seen.add(next)
      const found = walk(next, [...path, next])
      if (found !== undefined) return found
    }
    return undefined
  }
  return walk(application, [application])
}

/** Why a target has to wait for another application of the project; undefined when it need not. */
export function computeDependencyWait(
  dependsOn: readonly string[],
  target: Target,
  siblings: Siblings,
): string | undefined {
  for (const name of dependsOn) {
    const dependency = Object.hasOwn(siblings.applications, name) ? siblings.applications[name] : undefined
    if (dependency === undefined) return `application ${name} does not exist`
    // one that is not wanted in this target has nothing here to wait for
    if (computePlacement(dependency, [target]).length === 0) continue
    const delivery = siblings.deliveries.find(
      ({ spec }) => spec.application.name === name && targetKey(spec.target) === targetKey(target),
    )
    const why = notHealthy(delivery)
    if (why !== undefined) return `application ${name} ${why} in ${target.cluster}`
  }
  return undefined
}

/** Dependencies that can never be met as things are declared. */
export function findMissingDependencies(dependsOn: readonly string[], siblings: Siblings): Finding[] {
  return dependsOn.flatMap((name, index) =>
    Object.hasOwn(siblings.applications, name)
      ? []
      : [
          {
            severity: 'Error',
            code: 'application.dependency_missing',
            message: `It depends on application ${name}, which does not exist in the project`,
            field: `spec.dependsOn[${index}]`,
          } satisfies Finding,
        ],
  )
}

function notHealthy(delivery: Delivery | undefined): string | undefined {
  const desired = delivery?.spec.desired
  const status = delivery?.status
  if (desired === undefined || status?.applied?.digest !== desired.digest) return 'is not delivered yet'
  if (status.unknownSince !== undefined) return `cannot be seen since ${status.unknownSince}`
  return status.health === 'Healthy' ? undefined : `is ${status.health ?? 'not seen yet'}`
}
