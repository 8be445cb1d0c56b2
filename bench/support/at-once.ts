/** Does the work for every item, at most `limit` at a time. The first error ends it, when all that was begun has ended. */
export async function eachAtOnce<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const queue = [...items]
  const failures: unknown[] = []
  await Promise.all(
    Array.from({ length: limit }, async () => {
      for (let item = queue.shift(); item !== undefined && failures.length === 0; item = queue.shift())
        await work(item).catch((thrown: unknown) => failures.push(thrown))
    }),
  )
  if (failures.length > 0) throw failures[0]
}
