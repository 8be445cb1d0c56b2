import { FlotillaError } from '@flotilla/model'
import { KeptThread } from '@flotilla/render'
import type { OpenedRelease, ReleaseAnswer, ReleaseQuestion } from './release-thread.ts'

const releaseThread = new KeptThread<ReleaseQuestion, ReleaseAnswer>(new URL('release-thread.ts', import.meta.url))

/**
 * What is needed of a Helm record (`data.release` of its Secret). Its megabyte may unpack to many that somebody else
 * wrote, so a thread reads it and the main thread sees only a bounded part. Errors: `input.invalid`, `input.yaml`,
 * `input.too_large`, `archive.refused`.
 */
export async function openRelease(question: ReleaseQuestion, signal: AbortSignal): Promise<OpenedRelease> {
  const tooMuch = (): FlotillaError =>
    new FlotillaError('input.invalid', {
      message: 'The Helm release takes too much time or memory to read',
      field: 'helmRelease',
      remedy: 'Take over its objects by name instead',
    })
  const { json, chart } = await releaseThread.ask(question, { tooMuch, signal })
  const parts = JSON.parse(json) as Omit<OpenedRelease, 'chart'> // as release-thread.ts wrote it
  return { ...parts, chart }
}
