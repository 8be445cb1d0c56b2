import { FlotillaError } from '@flotilla/model'

/** A draft is rendered for every target while somebody waits; a person's patience, and a proxy's, ends about then. */
const longestMs = 90_000

/** A difference within the time that somebody waits for one. Errors: `release.difference_slow` after it, with another way. */
export async function withinTime<T>(
  release: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
  ms = longestMs,
): Promise<T> {
  const deadline = AbortSignal.timeout(ms)
  try {
    return await work(AbortSignal.any([signal, deadline]))
  } catch (thrown) {
    if (!deadline.aborted || signal.aborted) throw thrown
    throw new FlotillaError('release.difference_slow', {
      message: `What ${release} would change was not rendered within ${ms / 1000} s`,
      remedy: `What was rendered is kept: ask again; or freeze it, which has half an hour: flotilla release freeze ${release} --wait`,
      cause: thrown,
    })
  }
}
