import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asKubernetesReads } from '@flotilla/model/yaml'
import * as fc from 'fast-check'
import { parse } from 'yaml'
import type { Io } from '../io.ts'
import { printResult } from './result.ts'

async function printed(value: unknown): Promise<string> {
  let text = ''
  await printResult({ out: (more: string) => void (text += more) } as unknown as Io, 'yaml', value)
  return text
}

test('what `get -o yaml` prints, the server reads as it was', async () => {
  const odd = fc.constantFrom(
    'NO',
    'y',
    '1_000',
    '12:34',
    '0755',
    '0o17',
    'a\u007fb',
    'x\u001b[2J\ny',
    '\u202eabc',
    'a\r\nb\n',
  )
  const value = fc.dictionary(fc.oneof(odd, fc.string()), fc.oneof(odd, fc.jsonValue({ maxDepth: 3 })))
  await fc.assert(
    fc.asyncProperty(value, async (given) => {
      const object: unknown = JSON.parse(JSON.stringify(given))
      fc.pre(!JSON.stringify(object).includes('__proto__'))
      const text = await printed(object)
      // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
      assert.doesNotMatch(text, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/)
      assert.deepEqual(parse(text, asKubernetesReads), object)
    }),
  )
})
