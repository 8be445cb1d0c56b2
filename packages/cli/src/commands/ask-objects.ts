import type { ObjectsPolicy } from '@flotilla/api'
import { UsageError } from '../exit.ts'
import type { Io } from '../io.ts'

/** Whether delivered objects stay or go: said by --objects, or asked. Never guessed. */
export async function askObjects(
  io: Io,
  given: ObjectsPolicy | undefined,
  what: string,
  about: string,
): Promise<ObjectsPolicy> {
  if (given !== undefined) return given
  if (!io.interactive)
    throw new UsageError(`say what becomes of the delivered objects of ${what}: --objects keep or --objects delete`)
  io.err(`${about}\n`)
  for (let tries = 0; tries < 3; tries++) {
    const answer = (await io.ask(`Removing ${what}: keep or delete the delivered objects? [keep/delete] `)).trim()
    if (answer === 'keep' || answer === 'delete') return answer
  }
  throw new UsageError('neither keep nor delete was answered; nothing was done')
}
