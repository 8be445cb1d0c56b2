import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { FlotillaError } from '@flotilla/model'
import { longestTurn } from '@flotilla/render/testing/longest-turn'
import { createDocumentReader } from './http/yaml/document-reader.ts'
import { readKubeconfig } from './read-kubeconfig.ts'

const reader = createDocumentReader()
after(() => reader.close())
const read = (text: string): Promise<unknown> => readKubeconfig(text, 'kubeconfig', reader.read)
const lines = (count: number, line: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => line(at)).join('\n')

describe('a kubeconfig of anybody', () => {
  test('hostile texts are refused, and the event loop goes on', async () => {
    await read('kind: Config')
    const hostile = [
      lines(20_000, (at) => `a${at}: &a${at} x`),
      '{}'.repeat(1900),
      ']'.repeat(3900),
      '['.repeat(20_000),
      '- '.repeat(20_000),
      lines(2000, (at) => `- ? ${at}`).concat('\n]'),
      'a: 1\na: 2\n',
      'a: 1\n---\nb: 2\n',
    ]
    for (const text of hostile) {
      const longest = await longestTurn(() => assert.rejects(read(text), { code: 'input.yaml' }))
      assert.ok(longest < 50, `${text.slice(0, 20)}: stalled for ${longest} ms`)
    }
  })

  test('of what is wrong only the line is told: the words of the parser quote what may be a key', async () => {
    const secrets = [
      'kind: Config\nusers: [}hunter2',
      'kind: Config\n"hunter2" x\n',
      'kind: Config\nhunter2: 1\nhunter2: 2',
    ]
    for (const text of [...secrets, 'kind: Config\ntoken: *hunter2\n']) {
      const error = await read(text).catch((thrown: unknown) => thrown)
      assert.ok(error instanceof FlotillaError)
      assert.match(error.message, /at its line [23]$/)
      assert.ok(!JSON.stringify(error).includes('hunter2'), text)
    }
  })

  test('a large one of many clusters is read', async () => {
    const clusters = Array.from({ length: 80 }, (_, at) => ({ name: `c${at}`, cluster: { server: 'A'.repeat(2000) } }))
    assert.deepEqual(await read(JSON.stringify({ clusters })), { clusters })
  })
})
