import assert from 'node:assert/strict'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, test } from 'node:test'
import { computeSecondsLeft } from './build-part.ts'
import { readCatalogue, readVersion } from './parts-catalogue.ts'
import { nativeRoot } from './paths.ts'

describe('the catalogue of parts', () => {
  test('reads each version from the go.mod of its folder', async () => {
    const parts = await readCatalogue()
    assert.equal(parts.get('kubernetes')?.version, '1.36.3')
    assert.match(parts.get('kubernetes')?.ldflags ?? '', /gitVersion=v1\.36\.3 .*gitMajor=1 .*gitMinor=36/)
    for (const part of parts.values()) assert.match(part.version, /^\d+\.\d+\.\d+/, part.name)
  })

  test('finds a version with or without `require` before it, and only of that very module', () => {
    assert.equal(readVersion('require a.b/c v1.2.3\n', 'a.b/c'), '1.2.3')
    assert.equal(readVersion('require (\n\ta.b/c v1.2.3 // indirect\n)\n', 'a.b/c'), '1.2.3')
    assert.throws(() => readVersion('require a.b/c/v2 v2.0.0\n', 'a.b/c'))
    assert.throws(() => readVersion('require axb/c v2.0.0\n', 'a.b/c'))
  })

  test('a part is another one when any of its sources changes, and only then', async () => {
    const root = await mkdtemp(path.join(tmpdir(), 'flotilla-parts-'))
    try {
      await cp(nativeRoot, path.join(root, 'native'), { recursive: true })
      await cp(path.join(nativeRoot, '../examples'), path.join(root, 'examples'), { recursive: true })
      const read = async () => (await readCatalogue(path.join(root, 'native'))).get('pause')?.source
      const before = await read()
      await writeFile(path.join(root, 'native/pause/README'), 'no source')
      await writeFile(path.join(root, 'native/pause/main_test.go'), 'package main')
      assert.equal(await read(), before)
      await writeFile(path.join(root, 'native/pause/more.go'), 'package main')
      assert.notEqual(await read(), before)
    } finally {
      await rm(root, { recursive: true })
    }
  })

  test('the time left trusts the estimate at first and the pace at the end', () => {
    assert.equal(computeSecondsLeft(400, 0, 0), 400)
    assert.ok(computeSecondsLeft(400, 0.1, 400) < 1000)
    assert.ok(Math.abs(computeSecondsLeft(400, 0.9, 900) - 94) < 5)
  })
})
