import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { lines } from './lines.ts'

async function* cutAt(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(text: string, size: number, maxBytes = 10_000): Promise<string[]> {
  const all: string[] = []
  for await (const line of lines(cutAt(text, size), maxBytes)) all.push(line)
  return all
}

test('lines are whole however the bytes arrive, and an unfinished one is dropped', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme', minLength: 1 }).map((text) => text.replace(/\n/g, 'x'))),
      fc.integer({ min: 1, max: 50 }),
      async (wanted, size) => {
        assert.deepEqual(await read([...wanted, 'unfinished'].join('\n'), size), wanted)
      },
    ),
  )
})

test('a line without end is refused at the bound', async () => {
  await assert.rejects(read('x'.repeat(5_000), 100, 1_000), { code: 'input.too_large' })
})
