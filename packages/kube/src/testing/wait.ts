/** Waits until `check` holds; fails with what was waited for when it never does. */
export async function until(check: () => boolean | Promise<boolean>, what: string, timeoutMs = 60_000): Promise<void> {
  const endsAt = performance.now() + timeoutMs
  while (!(await check())) {
    if (performance.now() > endsAt) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
