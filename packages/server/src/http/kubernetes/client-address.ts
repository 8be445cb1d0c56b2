import type { IncomingMessage } from 'node:http'

/** Where a request comes from: the nearest address that is no proxy of the operator's. */
export function clientAddress(
  {
    socket,
    headers,
  }: Pick<IncomingMessage, 'headers'> & { readonly socket: { readonly remoteAddress?: string | undefined } },
  trustedProxies: readonly string[],
): string {
  const via = String(headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
  let address = plain(socket.remoteAddress ?? '')
  while (trustedProxies.includes(address)) {
    const before = via.pop()
    if (before === undefined) break
    address = plain(before).slice(0, 64)
  }
  return address
}

const plain = (address: string): string => (address.startsWith('::ffff:') ? address.slice(7) : address)
