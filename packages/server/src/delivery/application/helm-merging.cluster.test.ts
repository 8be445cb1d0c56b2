import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { ensurePart } from '@flotilla/local'
import { coalesceValues, mergeAll } from '@flotilla/reconcile'
import * as fc from 'fast-check'

const run = promisify(execFile)
const key = fc.constantFrom('a', 'b', 'c')
const layer = fc.letrec<{ value: unknown; map: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, 1, 'x', true),
    fc.array(fc.nat(2), { maxLength: 2 }),
    tie('map'),
  ),
  map: fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }),
})).map

const defaults = { a: { a: 1, b: { c: 'deep' } }, b: [1, 2], c: 'text' }

/** Helm warns and keeps the person's value where a map meets something else; nulls below what it does not know are its own affair. */
describe('layers against the real helm', () => {
  let folder: string
  let helm: string
  before(async () => {
    helm = await ensurePart('helm')
    folder = await mkdtemp(join(tmpdir(), 'flotilla-merge-'))
    await mkdir(join(folder, 'chart/templates'), { recursive: true })
    await writeFile(join(folder, 'chart/Chart.yaml'), 'apiVersion: v2\nname: merge\nversion: 1.0.0\n')
    await writeFile(join(folder, 'chart/values.yaml'), JSON.stringify(defaults))
    const template =
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  all: {{ .Values | toJson | b64enc }}\n'
    await writeFile(join(folder, 'chart/templates/all.yaml'), template)
  })
  after(() => rm(folder, { recursive: true, force: true }))

  test('merge as helm merges files, over defaults as helm coalesces them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(layer, { minLength: 1, maxLength: 3 }), async (layers) => {
        const files = layers.map((_, index) => join(folder, `${index}.yaml`))
        await Promise.all(files.map((file, index) => writeFile(file, JSON.stringify(layers[index]))))
        const { stdout } = await run(helm, [
          'template',
          'x',
          join(folder, 'chart'),
          ...files.flatMap((file) => ['-f', file]),
        ])
        const encoded = /all: (\S*)/.exec(stdout)?.[1] ?? ''
        const seen: unknown = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'))
        assert.deepEqual(coalesceValues(defaults, mergeAll(layers)), seen)
      }),
      { numRuns: 60 },
    )
  })
})
