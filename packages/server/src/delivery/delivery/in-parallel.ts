/** Does the work for every item, at most `limit` at a time, results in the order of the items. The first error ends it. */
export async function inParallel<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  const failed = new Map<'error', unknown>()
  const queue = items.map((item, at) => [at, item] as const)
  const workers = Array.from({ length: Math.min(limit, items.length) }, async () => {
    for (let next = queue.shift(); next !== undefined && failed.size === 0; next = queue.shift()) {
      const [at, item] = next
      try {
        results[at] = await work(item)
      } catch (thrown) {
        failed.set('error', thrown)
      }
    }
  })
  await Promise.all(workers)
  // all workers have ended: nothing goes on behind the caller's back
  if (failed.has('error')) throw failed.get('error')
  return results
}
