import { setImmediate as turn } from 'node:timers/promises'

/** Gives the event loop a turn whenever work has gone on for `budgetMs`, so that a long stream never blocks others. */
export function createPacer(budgetMs = 10): () => Promise<void> | undefined {
  let since = performance.now()
  async function pause(): Promise<void> {
    await turn()
    since = performance.now()
  }
  return () => {
    if (performance.now() - since < budgetMs) return undefined
    return pause()
  }
}
