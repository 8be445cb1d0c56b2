import { parentPort } from 'node:worker_threads'
import { asFlotillaError } from '@flotilla/model/errors'
import type { ThreadAnswer } from './kept-thread.ts'

export { tooSlowToParse, writeQuickJson } from './write-quick-json.ts'

/** Answers what a KeptThread asks this thread, one question at a time. */
export function answerQuestions<Question, Answer>(answer: (question: Question) => Answer | Promise<Answer>): void {
  parentPort?.on('message', (question: Question) => void reply(question, answer))
}

async function reply<Question, Answer>(
  question: Question,
  answer: (question: Question) => Answer | Promise<Answer>,
): Promise<void> {
  let got: ThreadAnswer<Answer>
  try {
    got = { answer: await answer(question) }
  } catch (thrown) {
    got = { error: asFlotillaError(thrown).toJSON() }
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of worker_threads has no origin
  parentPort?.postMessage(got)
}
