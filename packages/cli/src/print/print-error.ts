import { FlotillaError } from '@flotilla/model/errors'
import { exitCodeOf, exitCodes, NotAsWanted, UsageError } from '../exit.ts'
import type { Io } from '../io.ts'
import { paint } from './colour.ts'
import { neutralise } from './neutralise.ts'

/** Says what went wrong, what can be done, and the code; gives the exit code. */
export function printError(io: Io, thrown: unknown): number {
  if (io.signal.aborted) return exitCodes.interrupted
  const say = (text: string) => io.err(`${neutralise(text)}\n`)
  if (thrown instanceof NotAsWanted) {
    if (thrown.message !== '') say(thrown.message)
    return exitCodes.notHealthy
  }
  if (thrown instanceof UsageError) {
    say(`flotilla: ${thrown.message}`)
    return exitCodes.usage
  }
  if (thrown instanceof FlotillaError) {
    io.err(`${paint(io, 'red', 'error:')} `)
    say(thrown.message)
    if (thrown.field !== undefined && !thrown.message.includes(thrown.field)) say(`  field: ${thrown.field}`)
    if (thrown.remedy !== undefined) say(`  ${thrown.remedy}`)
    say(`  (${thrown.code})`)
    return exitCodeOf(thrown)
  }
  say(`flotilla: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
  return exitCodes.failed
}
