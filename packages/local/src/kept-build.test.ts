import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { FlotillaError } from '@flotilla/model'
import { ensureBuilt } from './kept-build.ts'

const build = { name: 'letters', script: ['build'], sources: ['src'], into: 'dist' }

describe('what is built once and kept', () => {
  let home: string
  before(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'flotilla-kept-build-'))
  })
  after(() => rm(home, { recursive: true, force: true }))

  async function makeClone(name: string, letter: string): Promise<string> {
    const root = path.join(home, name)
    await mkdir(path.join(root, 'src'), { recursive: true })
    await writeFile(path.join(root, 'src/letter'), letter)
    const script = 'test "$(cat src/letter)" != x && rm -rf dist && mkdir dist && cp src/letter dist/letter'
    await writeFile(path.join(root, 'package.json'), JSON.stringify({ scripts: { build: script } }))
    return root
  }
  /** How often it was built, and what is there then. */
  async function ensure(root: string): Promise<[number, string]> {
    let builds = 0
    await ensureBuilt(build, { root, cache: path.join(home, 'cache'), onProgress: () => builds++ })
    return [builds, await readFile(path.join(root, 'dist/letter'), 'utf8')]
  }
  const write = (root: string, letter: string) => writeFile(path.join(root, 'src/letter'), letter)

  test('is built anew for other sources only, and shared by clones', async () => {
    const first = await makeClone('first', 'a')
    assert.deepEqual(await ensure(first), [1, 'a'])
    assert.deepEqual(await ensure(first), [0, 'a'], 'what is there is of these sources')
    await write(first, 'b')
    assert.deepEqual(await ensure(first), [1, 'b'])
    await write(first, 'a')
    assert.deepEqual(await ensure(first), [0, 'a'], 'what was built before is kept')
    assert.deepEqual(await ensure(await makeClone('second', 'b')), [0, 'b'], 'also for another clone')
  })

  test('that cannot be built says so, and is not taken for built', async () => {
    const root = await makeClone('broken', 'x')
    const isRefused = (thrown: unknown) => thrown instanceof FlotillaError && thrown.code === 'local.build_failed'
    await assert.rejects(ensure(root), isRefused)
    await assert.rejects(ensure(root), isRefused)
  })
})
