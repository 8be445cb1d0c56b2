import { createHmac } from 'node:crypto'
import { setImmediate as breathe } from 'node:timers/promises'
import { canonicalJson } from '@flotilla/model'

/** Characters written or read between two pauses, so that much of it does not hold up everybody else. */
const stretch = 256 * 1024

/** The digest that `writeJsonLines` gave, of the same lines as bytes. */
export const keyedDigest = (bytes: Uint8Array, digestKey: Uint8Array): string =>
  `hmac-sha256:${createHmac('sha256', digestKey).update(bytes).digest('hex')}`

/** One line of canonical JSON per part, with their keyed digest. Throws what `tooLarge` gives for more than `largest` bytes. */
export async function writeJsonLines(
  parts: readonly unknown[],
  {
    digestKey,
    largest,
    tooLarge,
  }: { readonly digestKey: Uint8Array; readonly largest: number; readonly tooLarge: () => Error },
): Promise<{ readonly digest: string; readonly lines: Buffer[] }> {
  const hmac = createHmac('sha256', digestKey)
  const lines: Buffer[] = []
  let length = 0
  let since = 0
  for (const part of parts) {
    const line = Buffer.from(`${canonicalJson(part)}\n`, 'utf8')
    hmac.update(line)
    lines.push(line)
    length += line.length
    since += line.length
    if (length > largest) throw tooLarge()
    if (since > stretch) {
      since = 0
      await breathe()
    }
  }
  return { digest: `hmac-sha256:${hmac.digest('hex')}`, lines }
}

/** The parts, as they were written. */
export async function readJsonLines(bytes: Buffer): Promise<unknown[]> {
  const parsed: unknown[] = []
  let since = 0
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(10, start)
    const line = bytes.subarray(start, end < 0 ? bytes.length : end)
    parsed.push(JSON.parse(line.toString('utf8')))
    start += line.length + 1
    since += line.length
    if (since > stretch) {
      since = 0
      await breathe()
    }
  }
  return parsed
}
