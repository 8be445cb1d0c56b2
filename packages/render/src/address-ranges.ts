/**
 * Networks that a server must not be made to talk to: itself, its own link, and the metadata services of clouds.
 * Private ranges (RFC 1918) are where people's registries and clusters live, so they are not here.
 */
export const refusedByDefault: readonly string[] = [
  '0.0.0.0/8', // this host
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local, most metadata services
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved and broadcast
  '100.100.100.200/32', // metadata service
  '168.63.129.16/32', // metadata service
  '192.0.0.192/32', // metadata service
  '::/128',
  '::1/128',
  'fe80::/10',
  'ff00::/8',
  'fd00:ec2::254/128', // metadata service
  'fd20:ce::254/128', // metadata service
]

/**
 * The IPv4 address that an IPv6 address stands for: IPv4-mapped and -compatible (RFC 4291), NAT64 (RFC 6052),
 * 6to4 (RFC 3056). A packet to these ends at that IPv4 host.
 */
export function embeddedIPv4(address: string): string | undefined {
  const groups = expandIPv6(address)
  if (groups === undefined) return undefined
  const at = (index: number): number => groups[index] ?? 0
  const zeros = (from: number, to: number): boolean => groups.slice(from, to).every((group) => group === 0)
  const dotted = (high: number, low: number): string => [high >> 8, high & 255, low >> 8, low & 255].join('.')
  const mapped = zeros(0, 5) && (at(5) === 0xffff || at(5) === 0)
  const translated = zeros(0, 4) && at(4) === 0xffff && at(5) === 0
  const nat64 = at(0) === 0x64 && at(1) === 0xff9b && (zeros(2, 6) || at(2) === 1)
  if (mapped || translated || nat64) return dotted(at(6), at(7))
  if (at(0) === 0x2002) return dotted(at(1), at(2))
  return undefined
}

function expandIPv6(address: string): number[] | undefined {
  const withoutZone = address.split('%')[0] ?? ''
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(withoutZone)
  const text = dotted === null ? withoutZone : `${dotted[1]}${hex(dotted[2], dotted[3])}:${hex(dotted[4], dotted[5])}`
  const halves = text.split('::')
  const groupsOf = (half: string | undefined): number[] =>
    half === undefined || half === '' ? [] : half.split(':').map((group) => Number.parseInt(group, 16))
  const head = groupsOf(halves[0])
  const tail = groupsOf(halves[1])
  const filler = halves.length === 2 ? Array<number>(8 - head.length - tail.length).fill(0) : []
  const groups = [...head, ...filler, ...tail]
  return groups.length === 8 && groups.every((group) => Number.isInteger(group)) ? groups : undefined
}

const hex = (a: string | undefined, b: string | undefined): string => ((Number(a) << 8) | Number(b)).toString(16)
