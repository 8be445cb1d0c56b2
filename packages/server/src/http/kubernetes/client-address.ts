import type { IncomingMessage } from 'node:http'
import { plainAddress, type TrustedProxies } from '../trusted-proxies.ts'

/** Where a request comes from: the nearest address that is no proxy of the operator's. */
export function clientAddress(
  {
    socket,
    headers,
  }: Pick<IncomingMessage, 'headers'> & { readonly socket: { readonly remoteAddress?: string | undefined } },
  isProxy: TrustedProxies,
): string {
  const via = String(headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
  let address = plainAddress(socket.remoteAddress ?? '')
  while (isProxy(address)) {
    const before = via.pop()
    if (before === undefined) break
    address = plainAddress(before).slice(0, 64)
  }
  return address
}
