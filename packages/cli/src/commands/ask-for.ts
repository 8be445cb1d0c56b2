import { UsageError } from '../exit.ts'
import type { Io } from '../io.ts'

/** Asks the terminal; without one it says what to use instead. */
export async function askFor(io: Io, question: string, instead: string, hidden = false): Promise<string> {
  if (!io.interactive) throw new UsageError(`there is no terminal to ask "${question.trim()}"; use ${instead}`)
  return await io.ask(question, { hidden })
}
