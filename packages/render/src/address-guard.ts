import { lookup as resolveName } from 'node:dns/promises'
import { BlockList, isIP, type LookupFunction as SocketLookup } from 'node:net'
import { FlotillaError } from '@flotilla/model'
import { embeddedIPv4, refusedByDefault } from './address-ranges.ts'

export interface AddressGuardOptions {
  /** `host`, `host:port` or `*.suffix` that the administrator lets through wherever they resolve to. */
  readonly allowedHosts?: readonly string[] | undefined
  /** Networks that are let through although they are refused by default. */
  readonly allowedCidrs?: readonly string[] | undefined
  /** More networks to refuse: the service and pod ranges of the host cluster. */
  readonly refusedCidrs?: readonly string[] | undefined
  /** Stands in for the system's resolver in tests. */
  readonly resolve?: ((host: string) => Promise<readonly ResolvedAddress[]>) | undefined
}

export interface ResolvedAddress {
  readonly address: string
  readonly family: 4 | 6
}

export interface PinnedAddress {
  readonly host: string
  readonly port: number
  /** Every address that the name had and that passed; a connection uses one of these and resolves no more. */
  readonly addresses: readonly ResolvedAddress[]
}

/** Refuses addresses that a tenant must not make the server talk to (`address.refused`). */
export interface AddressGuard {
  /** Resolves once. `field` names the input in the error. Errors: `address.refused`, `source.unreachable`. */
  pin(url: string | URL, field: string, signal?: AbortSignal): Promise<PinnedAddress>
}

const defaultPorts: Record<string, number> = {
  'http:': 80,
  'https:': 443,
  'ws:': 80,
  'wss:': 443,
  'ldap:': 389,
  'ldaps:': 636,
}
const resolveTimeout = 10_000

export function createAddressGuard(options: AddressGuardOptions = {}): AddressGuard {
  const allowed = blockListOf(options.allowedCidrs ?? [], 'allowedCidrs')
  const refused = blockListOf([...refusedByDefault, ...(options.refusedCidrs ?? [])], 'refusedCidrs')
  const hosts = options.allowedHosts ?? []
  const resolve = options.resolve ?? resolveAll

  const isRefused = ({ address, family }: ResolvedAddress): boolean => {
    const type = family === 4 ? 'ipv4' : 'ipv6'
    if (allowed.check(address, type)) return false
    if (refused.check(address, type)) return true
    const inner = family === 6 ? embeddedIPv4(address) : undefined
    return inner !== undefined && isRefused({ address: inner, family: 4 })
  }

  return {
    async pin(input, field, signal) {
      const url = parseUrl(input, field)
      const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase()
      const port = url.port === '' ? (defaultPorts[url.protocol] ?? 0) : Number(url.port)
      const family = isIP(host)
      const addresses =
        family === 0
          ? await resolveHost(resolve, host, field, signal)
          : [{ address: host, family: family === 4 ? 4 : 6 } satisfies ResolvedAddress]
      const bad = hosts.some((pattern) => matchesHost(pattern, host, port)) ? undefined : addresses.find(isRefused)
      if (bad !== undefined) {
        throw new FlotillaError('address.refused', {
          message: `${host} is at ${bad.address}, which Flotilla does not connect to on behalf of its users`,
          remedy: 'An administrator can list the host or its network among the allowed ones',
          field,
          value: host,
        })
      }
      return { host, port, addresses }
    },
  }
}

/** Gives a connection (`connect.lookup` of an undici Agent, `lookup` of a socket) the pinned addresses only. */
export function pinnedLookup(pinned: PinnedAddress): SocketLookup {
  return (_host, options, done) => {
    if (options.all === true) {
      done(null, [...pinned.addresses])
      return
    }
    const wanted = options.family === 4 || options.family === 6 ? options.family : undefined
    const chosen = pinned.addresses.find((a) => wanted === undefined || a.family === wanted)
    if (chosen === undefined) done(new Error(`${pinned.host} has no address of that family`), '', 0)
    else done(null, chosen.address, chosen.family)
  }
}

function parseUrl(input: string | URL, field: string): URL {
  const url = typeof input === 'string' ? URL.parse(input) : input
  if (url === null || url.hostname === '') {
    throw new FlotillaError('input.invalid', { message: 'The address is not a URL with a host', field })
  }
  return url
}

async function resolveHost(
  resolve: (host: string) => Promise<readonly ResolvedAddress[]>,
  host: string,
  field: string,
  signal: AbortSignal | undefined,
): Promise<readonly ResolvedAddress[]> {
  const limit = AbortSignal.timeout(resolveTimeout)
  const stop = signal === undefined ? limit : AbortSignal.any([signal, limit])
  const ended = Promise.withResolvers<never>()
  const end = (): void => ended.reject(stop.reason)
  stop.addEventListener('abort', end, { once: true })
  try {
    const found = await Promise.race([resolve(host), ended.promise])
    if (found.length > 0) return found
  } catch (cause) {
    signal?.throwIfAborted()
    throw unresolved(host, field, cause)
  } finally {
    stop.removeEventListener('abort', end)
  }
  throw unresolved(host, field, undefined)
}

function unresolved(host: string, field: string, cause: unknown): FlotillaError {
  return new FlotillaError('source.unreachable', {
    message: `The name ${host} cannot be resolved`,
    remedy: 'Check the spelling, and that this server can resolve it',
    field,
    value: host,
    cause,
  })
}

async function resolveAll(host: string): Promise<readonly ResolvedAddress[]> {
  const found = await resolveName(host, { all: true, verbatim: true })
  return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }))
}

function matchesHost(pattern: string, host: string, port: number): boolean {
  const [name, wantedPort] = splitPort(pattern.toLowerCase())
  if (wantedPort !== undefined && wantedPort !== port) return false
  return name.startsWith('*.') ? host.endsWith(name.slice(1)) : host === name
}

/** Splits `host:port`, `[v6]:port`, and leaves a bare IPv6 address whole. */
export function splitPort(text: string): [host: string, port: number | undefined] {
  const match = /^(?:\[(?<v6>[^\]]+)\]|(?<name>[^:]*))(?::(?<port>\d+))?$/.exec(text)
  if (match?.groups === undefined) return [text, undefined]
  const { v6, name, port } = match.groups
  return [v6 ?? name ?? '', port === undefined ? undefined : Number(port)]
}

function blockListOf(cidrs: readonly string[], field: string): BlockList {
  const list = new BlockList()
  for (const cidr of cidrs) {
    const [address = '', bits] = cidr.split('/')
    const family = isIP(address)
    const prefix = bits === undefined ? (family === 4 ? 32 : 128) : Number(bits)
    if (family === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > (family === 4 ? 32 : 128)) {
      throw new FlotillaError('input.invalid', { message: 'Not a network in CIDR notation', field, value: cidr })
    }
    list.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6')
  }
  return list
}
