/** How a fleet divides its own /16. Everything is computed, so nothing has to be remembered but the second octet. */
export interface FleetAddresses {
  /** Such as `10.140.0.0/16`. */
  readonly range: string
  /** The bridge's own address: the clusters' gateway, and where the registry listens. */
  readonly gateway: string
  readonly prefix: number
}

/** Of the registry, on the bridge's own address. */
export const registryPort = 5000
export const mostClusters = 60
export const serviceRange = '10.96.0.0/16'
export const dnsAddress = '10.96.0.10'
export const apiServiceAddress = '10.96.0.1'

const firstOctet = 10
const lowest = 128
const highest = 254
/** Of nodes; below it are the gateway and what may come. */
const firstHost = 10

export function computeFleetAddresses(second: number): FleetAddresses {
  return { range: `${firstOctet}.${second}.0.0/16`, gateway: `${firstOctet}.${second}.0.1`, prefix: 22 }
}

/** A cluster's node address and its pods' own /22, by its index (0 to 59). */
export function computeClusterAddresses(second: number, index: number): { node: string; pods: string } {
  if (index < 0 || index >= mostClusters) throw new RangeError(`a fleet holds at most ${mostClusters} clusters`)
  return {
    node: `${firstOctet}.${second}.0.${firstHost + index}`,
    pods: `${firstOctet}.${second}.${4 * (index + 1)}.0/22`,
  }
}

/** The index of the cluster whose API server has this URL, in whatever network; undefined when no fleet gives it. */
export function parseClusterIndex(server: string): number | undefined {
  const [, second = 0, host = 0] = (/^https:\/\/10\.(\d{3})\.0\.(\d{2}):6443$/.exec(server) ?? []).map(Number)
  const index = host - firstHost
  return second < lowest || second > highest || index < 0 || index >= mostClusters ? undefined : index
}

/** The first second octet, from a seed on, whose /16 no route, address or other fleet of this machine touches. */
export function pickSecondOctet(taken: readonly string[], seed: number): number | undefined {
  const count = highest - lowest + 1
  const ranges = taken.map(parseRange).filter((range) => range !== undefined)
  for (let step = 0; step < count; step++) {
    const second = lowest + ((seed + step) % count)
    const start = toNumber([firstOctet, second, 0, 0])
    if (!ranges.some((range) => range.start <= start + 0xffff && start <= range.end)) return second
  }
  return undefined
}

function parseRange(text: string): { start: number; end: number } | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+))?$/.exec(text)
  if (match === null) return undefined
  const address = toNumber([Number(match[1]), Number(match[2]), Number(match[3]), Number(match[4])])
  const length = Number(match[5] ?? 32)
  if (length === 0) return undefined // the default route is everybody's
  const size = 2 ** (32 - length)
  const start = Math.floor(address / size) * size
  return { start, end: start + size - 1 }
}

const toNumber = (octets: [number, number, number, number]): number =>
  octets.reduce((sum, octet) => sum * 256 + octet, 0)
