/**
 * Runs something and gives the longest turn of this thread's event loop, in milliseconds of its own CPU time: a machine that is
 * busy with other things does not count.
 */
export async function longestTurn(run: () => Promise<unknown>): Promise<number> {
  let longest = 0
  let last = cpuMs()
  const timer = setInterval(() => {
    const now = cpuMs()
    longest = Math.max(longest, now - last)
    last = now
  }, 1)
  try {
    await run()
    await new Promise((resolve) => setTimeout(resolve, 20))
  } finally {
    clearInterval(timer)
  }
  return longest
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
