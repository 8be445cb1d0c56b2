import assert from 'node:assert/strict'
import { FlotillaError } from '@flotilla/model'

/** The error of the catalogue that something fails with; anything else fails the test. */
export async function refusal(promise: Promise<unknown>): Promise<FlotillaError> {
  const thrown = await promise.then(
    () => assert.fail('it was accepted'),
    (error: unknown) => error,
  )
  assert.ok(thrown instanceof FlotillaError, String(thrown))
  return thrown
}
