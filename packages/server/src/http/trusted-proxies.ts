import { BlockList, isIP } from 'node:net'
import { FlotillaError } from '@flotilla/model'

/** Whether an address is one of the operator's proxies, whose X-Forwarded-For counts. */
export type TrustedProxies = (address: string) => boolean

/** Of addresses and networks. Errors: `input.invalid`, naming the option. */
export function createTrustedProxies(proxies: readonly string[]): TrustedProxies {
  const list = new BlockList()
  for (const proxy of proxies) addTo(list, proxy)
  return (address) => {
    const family = familyOf(plainAddress(address))
    return family !== undefined && list.check(plainAddress(address), family)
  }
}

/** As one writes it: without the zone, and IPv4 where a socket of both families shows it as IPv6. */
export const plainAddress = (address: string): string => address.replace(/%.*$/s, '').replace(/^::ffff:(?=\d+\.)/i, '')

function addTo(list: BlockList, proxy: string): void {
  const [, written = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(proxy) ?? []
  const address = plainAddress(written)
  const family = familyOf(address)
  const whole = family === 'ipv4' ? 32 : 128
  // ::ffff:10.0.0.0/104 is 10.0.0.0/8
  const mapped = address === written ? 0 : 96
  const prefix = bits === undefined ? whole : Number(bits) - mapped
  if (family === undefined || written.includes('%') || prefix < 0 || prefix > whole)
    throw new FlotillaError('input.invalid', {
      message: '--trusted-proxy is not usable',
      field: '--trusted-proxy',
      value: proxy,
      remedy: 'Use an address or a network, such as 10.0.3.7 or 10.0.0.0/8.',
    })
  list.addSubnet(address, prefix, family)
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address)
  return version === 0 ? undefined : version === 4 ? 'ipv4' : 'ipv6'
}
