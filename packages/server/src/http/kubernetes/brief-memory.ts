/** Remembers an answer for a moment, so that a burst of questions is one; a failure is not remembered. */
export function rememberBriefly<T>(options: {
  readonly ask: (key: string) => Promise<T>
  readonly now: () => number
  readonly forMs: number
  readonly most: number
}): (key: string) => Promise<T> {
  const { ask, now, forMs, most } = options
  const held = new Map<string, { readonly until: number; readonly answer: Promise<T> }>()
  return (key) => {
    const known = held.get(key)
    if (known !== undefined && known.until > now()) return known.answer
    held.delete(key)
    const answer = ask(key)
    held.set(key, { until: now() + forMs, answer })
    answer.catch(() => held.delete(key))
    // the oldest come first
    for (const [old, { until }] of held) {
      if (held.size <= most && until > now()) break
      held.delete(old)
    }
    return answer
  }
}
