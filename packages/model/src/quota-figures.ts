import { formatQuantity, nanosOf } from './quantity.ts'

type Said = Readonly<Record<string, string>>

/** As the API says it of a project. */
export interface ProjectFigures {
  readonly hard?: Said | undefined
  readonly granted?: Said | undefined
  readonly targets?: readonly { readonly used?: Said | undefined }[] | undefined
}
/** As the API says it of a workspace. */
export interface WorkspaceFigures {
  readonly hard: Said
  readonly allocated: Said
  readonly used?: Said | undefined
}

/** One resource: how much is asked for, granted and used, and what is left. In words, and as parts of one for bars. */
export interface QuotaRow {
  readonly resource: string
  readonly asked: string | undefined
  readonly granted: string | undefined
  readonly used: string | undefined
  /** Not every target has said what it uses. */
  readonly atLeast: boolean
  /** Used of granted; undefined while either is not known. */
  readonly ratio: number | undefined
}

/** The resources of a project, summed over its targets. */
export function quotaRows(quota: ProjectFigures | undefined): QuotaRow[] {
  const { hard = {}, granted = {}, targets = [] } = quota ?? {}
  return resourcesOf(hard, granted).map((resource) => {
    const said = targets.map(({ used }) => nanosOf(used?.[resource]))
    const known = said.filter((one) => one !== undefined)
    const used = known.length === 0 ? undefined : known.reduce((sum, one) => sum + one, 0n)
    const given = nanosOf(granted[resource])
    return {
      resource,
      asked: hard[resource],
      granted: granted[resource],
      used: used === undefined ? undefined : showAmount(resource, used),
      atLeast: known.length < said.length,
      ratio: used === undefined || given === undefined ? undefined : ratioOf(used, given),
    }
  })
}

/** What a workspace gives to its projects of each resource that it bounds. */
export interface ShareRow {
  readonly resource: string
  readonly hard: string
  readonly allocated: string
  /** Of what was given: as far as the clusters have said. */
  readonly used: string | undefined
  readonly left: string
  readonly ratio: number
}

export function shareRows(quota: WorkspaceFigures | undefined): ShareRow[] {
  const { hard = {}, allocated = {}, used = {} } = quota ?? {}
  return resourcesOf(hard).map((resource) => {
    const whole = nanosOf(hard[resource]) ?? 0n
    const given = nanosOf(allocated[resource]) ?? 0n
    return {
      resource,
      hard: hard[resource] ?? '0',
      allocated: showAmount(resource, given),
      used: showQuantity(resource, used[resource]),
      left: showAmount(resource, atLeastZero(whole - given)),
      ratio: ratioOf(given, whole),
    }
  })
}

/** What a project may ask for at most: what is free, and what it has; undefined where the workspace sets no bound. */
export function mostOf(
  resource: string,
  workspace: WorkspaceFigures | undefined,
  granted: Said = {},
): string | undefined {
  const whole = nanosOf(workspace?.hard[resource])
  if (whole === undefined) return undefined
  const others = (nanosOf(workspace?.allocated[resource]) ?? 0n) - (nanosOf(granted[resource]) ?? 0n)
  return formatQuantity(resource, atLeastZero(whole - others))
}

/** An amount as people read it: cores with their parts, bytes in the unit that fits. It may be rounded; to be written it is not. */
export function showAmount(resource: string, nanos: bigint): string {
  if (resource.endsWith('cpu') && nanos >= 10n ** 9n) return String(Math.round(Number(nanos) / 1e7) / 100)
  if (!/(memory|storage)$/.test(resource)) return formatQuantity(resource, nanos)
  let amount = Number(nanos) / 1e9
  let step = 0
  for (; amount >= 1024 && step < byteUnits.length - 1; step++) amount /= 1024
  return `${Math.round(amount * 10) / 10}${byteUnits[step] ?? ''}`
}

const byteUnits = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

/** The same of what is written as a quantity; undefined for what is none. */
export function showQuantity(resource: string, quantity: string | undefined): string | undefined {
  const nanos = nanosOf(quantity)
  return nanos === undefined ? undefined : showAmount(resource, nanos)
}

/** Used of allocated in one target. */
export function ratioIn(resource: string, used: Said | undefined, allocated: Said): number | undefined {
  const [part, whole] = [nanosOf(used?.[resource]), nanosOf(allocated[resource])]
  return part === undefined || whole === undefined ? undefined : ratioOf(part, whole)
}

const usualOrder = ['requests.cpu', 'limits.cpu', 'requests.memory', 'limits.memory', 'requests.storage', 'pods']
const rank = (resource: string): number => {
  const at = usualOrder.indexOf(resource)
  return at < 0 ? usualOrder.length : at
}

/** The usual resources first, the others by name. */
export const resourcesOf = (...amounts: readonly Said[]): string[] =>
  [...new Set(amounts.flatMap(Object.keys))].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))

const atLeastZero = (nanos: bigint): bigint => (nanos < 0n ? 0n : nanos)
const ratioOf = (part: bigint, whole: bigint): number =>
  whole <= 0n ? (part > 0n ? 1 : 0) : Number((part * 10_000n) / whole) / 10_000

/** The sum of what is said of each resource. */
export function sumOf(said: readonly (Said | undefined)[]): Map<string, bigint> {
  const sums = new Map<string, bigint>()
  for (const one of said)
    for (const [resource, quantity] of Object.entries(one ?? {})) {
      const nanos = nanosOf(quantity)
      if (nanos !== undefined) sums.set(resource, (sums.get(resource) ?? 0n) + nanos)
    }
  return sums
}
