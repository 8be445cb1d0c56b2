/** Remembers answers for a moment, so that a burst of questions is one; a failure is not remembered. */
export function rememberBriefly<T>(options: {
  readonly now: () => number
  readonly forMs: number
  readonly most: number
}): (key: string, ask: () => Promise<T>) => Promise<T> {
  const { now, forMs, most } = options
  const held = new Map<string, { readonly until: number; readonly answer: Promise<T> }>()
  return (key, ask) => {
    const known = held.get(key)
    if (known !== undefined && known.until > now()) return known.answer
    held.delete(key)
    const answer = ask()
    held.set(key, { until: now() + forMs, answer })
    answer.catch(() => {
      if (held.get(key)?.answer === answer) held.delete(key)
    })
    // the oldest come first
    for (const [old, { until }] of held) {
      if (held.size <= most && until > now()) break
      held.delete(old)
    }
    return answer
  }
}
