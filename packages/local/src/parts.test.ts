import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { FlotillaError } from '@flotilla/model'
import { archiveName, findPackedPart, packedPackage, packPart, unpackPart } from './packed-parts.ts'
import { readCatalogue, type PartRecipe } from './parts-catalogue.ts'
import { ensureParts } from './parts.ts'
import type { ProgressReport } from './progress.ts'
import { runCommand } from './run-command.ts'

let root: string
let cache: string

before(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'flotilla-parts-'))
  cache = path.join(root, 'cache')
  await mkdir(path.join(root, 'native/hello'), { recursive: true })
  const recipe = { package: '.', binaries: ['hello'], seconds: 1 }
  const catalogue = { hello: recipe, broken: { ...recipe, folder: 'broken' } }
  await writeFile(path.join(root, 'native/parts.json'), JSON.stringify(catalogue))
  await writeGo('hello', 'package main\n\nfunc main() { println("hello") }\n')
  await writeGo('broken', 'package main\n\nfunc main() { nonsense }\n')
})

after(async () => rm(root, { recursive: true, force: true }))

async function writeGo(name: string, main: string): Promise<void> {
  const dir = path.join(root, 'native', name)
  await mkdir(dir, { recursive: true })
  await writeFile(path.join(dir, 'go.mod'), `module test.invalid/${name}\n\ngo 1.21\n`)
  await writeFile(path.join(dir, 'main.go'), main)
}

async function readRecipe(): Promise<PartRecipe> {
  const recipe = (await readCatalogue(path.join(root, 'native'))).get('hello')
  assert.ok(recipe !== undefined)
  return recipe
}

const hasGo = (await runCommand(['go', 'version']).catch(() => undefined))?.code === 0

describe('compiled parts', { skip: hasGo ? false : 'Go is not installed' }, () => {
  const ensure = (name: string, reports: ProgressReport[] = []) =>
    ensureParts([name], { cache, root: path.join(root, 'native'), onProgress: (report) => reports.push(report) })

  test('are compiled once, however many ask at the same time, and found from then on', async () => {
    const reports: ProgressReport[] = []
    // what a compile that was killed leaves must not count
    const recipe = await readRecipe()
    const version = execFileSync('go', ['env', 'GOVERSION'], { cwd: recipe.folder }).toString().trim()
    const half = path.join(cache, 'parts', `hello-${recipe.source}-${version}.part`)
    await mkdir(half, { recursive: true })
    await writeFile(path.join(half, 'hello'), 'half')

    const all = await Promise.all([ensure('hello', reports), ensure('hello', reports), ensure('hello', reports)])
    assert.equal(reports.filter(({ text }) => text === 'compiled').length, 1)
    const bin = all[0].get('hello')?.bin ?? ''
    assert.deepEqual(
      all.map((ready) => ready.get('hello')?.bin),
      [bin, bin, bin],
    )
    assert.equal((await runCommand([path.join(bin, 'hello')])).stderr, 'hello\n')
    assert.deepEqual(
      (await readdir(path.join(cache, 'parts'))).filter((name) => name.endsWith('.part')),
      [],
    )

    const again: ProgressReport[] = []
    await ensure('hello', again)
    assert.deepEqual(again, [])
  })

  test('a compile that fails tells why and leaves nothing that counts', async () => {
    await assert.rejects(ensure('broken'), (error) => {
      assert.ok(error instanceof FlotillaError)
      assert.equal(error.code, 'local.build_failed')
      assert.match(error.message, /nonsense/)
      return true
    })
    assert.deepEqual(
      (await readdir(path.join(cache, 'parts'))).filter((name) => name.startsWith('broken')),
      [],
    )
  })
})

describe('packed parts', () => {
  test('come out as they went in, and only for the sources they stem from', async () => {
    const bin = path.join(root, 'bin')
    await mkdir(bin, { recursive: true })
    await writeFile(path.join(bin, 'hello'), Buffer.alloc(100_000, 'x'))
    await chmod(path.join(bin, 'hello'), 0o755)
    await writeFile(path.join(bin, 'part.json'), 'not packed')
    const recipe = await readRecipe()
    const dir = path.join(root, 'node_modules', packedPackage)
    await mkdir(dir, { recursive: true })
    const manifest = (source: string) => JSON.stringify({ parts: { hello: { source, version: '1.0.0' } } })
    await writeFile(path.join(dir, 'parts.json'), manifest(recipe.source))
    assert.equal(await findPackedPart(recipe, root), undefined, 'a manifest without its archive is no part')

    await packPart(bin, recipe.binaries, path.join(dir, archiveName('hello')))
    // a checkout below the folder that the package was installed in finds it too
    const archive = await findPackedPart(recipe, path.join(root, 'a/checkout'))
    assert.equal(archive, path.join(dir, 'hello.tar.zst'))
    const out = path.join(root, 'out')
    await mkdir(out)
    await unpackPart(archive, out)
    assert.deepEqual(await readdir(out), ['hello'])
    assert.deepEqual(await readFile(path.join(out, 'hello')), await readFile(path.join(bin, 'hello')))
    assert.equal((await stat(path.join(out, 'hello'))).mode & 0o777, 0o755)

    await writeFile(path.join(dir, 'parts.json'), manifest('other sources'))
    assert.equal(await findPackedPart(recipe, root), undefined)

    await truncate(archive, (await stat(archive)).size - 10)
    await assert.rejects(unpackPart(archive, out), 'a cut archive is refused')
  })
})
