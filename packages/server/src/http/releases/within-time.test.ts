import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { FlotillaError } from '@flotilla/model'
import { withinTime } from './within-time.ts'

const forever = (signal: AbortSignal) => wait(60_000, undefined, { signal })

describe('what somebody waits for', () => {
  test('has its time, and then says another way', async () => {
    await assert.rejects(withinTime('web-3', new AbortController().signal, forever, 20), {
      code: 'release.difference_slow',
    })
    assert.equal(await withinTime('web-3', new AbortController().signal, async () => 7, 1000), 7)
  })
  test('that nobody waits for any more, or that fails by itself, says just that', async () => {
    const gone = AbortSignal.abort()
    await assert.rejects(withinTime('web-3', gone, forever, 1000), { name: 'AbortError' })
    const failing = async () => {
      throw new FlotillaError('render.failed', { message: 'no' })
    }
    await assert.rejects(withinTime('web-3', new AbortController().signal, failing, 1000), { code: 'render.failed' })
  })
})
