import type { Progress, ProgressReport } from '../progress.ts'

/** One report as one line, such as `kubernetes 1.36.3  compiling, 812 of 2401 packages  34%  about 4 min left`. */
export function renderReport(report: ProgressReport): string {
  const parts = [`${report.step}: ${report.text}`]
  if (report.fraction !== undefined && report.fraction < 1) parts.push(`${Math.floor(report.fraction * 100)}%`)
  if (report.secondsLeft !== undefined) parts.push(`${renderDuration(report.secondsLeft)} left`)
  return parts.join('  ')
}

export function renderDuration(seconds: number): string {
  return seconds < 90 ? `about ${Math.max(1, Math.round(seconds))} s` : `about ${Math.round(seconds / 60)} min`
}

const repeatMs = 15_000

/**
 * Writes progress for a person: on a terminal a compile's line is rewritten in place, elsewhere it is repeated only
 * every 15 seconds.
 */
export function createProgressPrinter(stream: NodeJS.WriteStream): Progress {
  let lastStep = ''
  let lastTime = 0
  let open = false
  return (report) => {
    const moving = report.fraction !== undefined && report.fraction < 1
    const line = renderReport(report)
    if (stream.isTTY) {
      stream.write(
        `${open ? '\r\u001B[2K' : ''}  ${line.slice(0, Math.max(20, stream.columns - 4))}${moving ? '' : '\n'}`,
      )
      open = moving
      return
    }
    if (moving && report.step === lastStep && Date.now() - lastTime < repeatMs) return
    lastStep = report.step
    lastTime = Date.now()
    stream.write(`  ${line}\n`)
  }
}
