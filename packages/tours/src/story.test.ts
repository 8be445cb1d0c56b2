import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Story } from './story.ts'

function tell() {
  const lines: string[] = []
  const story = new Story({
    teller: { write: (line) => lines.push(line), colour: false },
    env: process.env,
    signal: new AbortController().signal,
  })
  return { story, lines }
}

describe('a story', () => {
  test('shows each command and what it printed', async () => {
    const { story, lines } = tell()
    await story.step('Say hello', async () => {
      const { code } = await story.run('/bin/echo', ['hello'])
      assert.equal(code, 0)
    })
    assert.deepEqual(lines, ['', '1. Say hello', '   $ echo hello', '   hello'])
  })

  test('fails with what was expected and what was seen', async () => {
    const { story } = tell()
    await assert.rejects(
      story.step('Look', () => story.eventually('the sea is calm', 0.1, async () => ({ ok: false, seen: 'waves' }))),
      /the sea is calm.*\n.*waves/s,
    )
  })

  test('cleans up in reverse, also past a failure, and counts it', async () => {
    const { story } = tell()
    const order: string[] = []
    story.cleanUp('first', async () => void order.push('first'))
    story.cleanUp('second', () => Promise.reject(new Error('no')))
    story.cleanUp('third', async () => void order.push('third'))
    assert.equal(await story.finish(), 1)
    assert.deepEqual(order, ['third', 'first'])
  })
})
