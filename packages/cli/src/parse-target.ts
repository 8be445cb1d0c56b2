import { UsageError } from './exit.ts'

export interface TargetText {
  readonly cluster: string
  readonly namespace?: string
}
interface Target {
  readonly cluster: string
  readonly namespace: string
}

/** `west`, or `west/shop`. */
export function parseTarget(text: string): TargetText {
  const [cluster = '', namespace, more] = text.split('/')
  if (cluster === '' || namespace === '' || more !== undefined)
    throw new UsageError(`${text} is no target; write CLUSTER or CLUSTER/NAMESPACE`)
  return { cluster, ...(namespace === undefined ? {} : { namespace }) }
}

/** Those of `targets` that a text names: all of a cluster when it says no namespace. */
export function matchTargets<T extends Target>(targets: readonly T[], text: string): T[] {
  const { cluster, namespace } = parseTarget(text)
  const found = targets.filter((one) => one.cluster === cluster && (namespace ?? one.namespace) === one.namespace)
  if (found.length === 0)
    throw new UsageError(`${text} is no target of it; there are: ${someOf(targets.map(targetText))}`)
  return found
}

/** The one target that a text names. */
export function matchTarget<T extends Target>(targets: readonly T[], text: string): T {
  const [only, ...others] = matchTargets(targets, text)
  if (only === undefined || others.length > 0)
    throw new UsageError(
      `${text} has several targets: ${someOf([only, ...others].flatMap((one) => one ?? []).map(targetText))}; write one`,
    )
  return only
}

const targetText = ({ cluster, namespace }: Target): string => `${cluster}/${namespace}`

function someOf(names: readonly string[]): string {
  const most = 10
  const more = names.length > most ? ` and ${names.length - most} more` : ''
  return names.length === 0 ? 'none' : `${names.slice(0, most).join(', ')}${more}`
}
