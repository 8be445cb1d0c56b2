import { setTimeout as wait } from 'node:timers/promises'

const firstMs = 40
const longestMs = 250

/**
 * Asks until it is so; fails with what was last so. Asks often only in the beginning: what takes seconds is not to be
 * kept from its work by being asked for.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  seconds = 60,
  explain: () => Promise<unknown> = async () => '',
): Promise<T> {
  const end = Date.now() + seconds * 1000
  for (let pause = firstMs; ; pause = Math.min(longestMs, pause * 1.2)) {
    const seen = await look()
    if (seen !== undefined && seen !== false) return seen
    if (Date.now() > end) throw new Error(`not so within ${seconds} s: ${what} ${String(await explain())}`)
    await wait(pause)
  }
}
