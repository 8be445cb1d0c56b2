import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { Header } from 'tar'
import { FlotillaError } from '@flotilla/model'
import { filesOf } from '../testing/charts.ts'
import { defaultArchiveLimits } from './archive-limits.ts'
import { comparePaths } from './file-tree.ts'
import { filesDigest, packArchive } from './pack-archive.ts'
import { readArchive } from './read-archive.ts'

interface Entry {
  readonly path: string
  readonly type?: 'File' | 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'FIFO' | 'Directory'
  readonly linkpath?: string
  readonly data?: string | Buffer
  /** Says another size than there is. */
  readonly size?: number
}

function tar(entries: readonly Entry[], rawName?: Buffer): Buffer {
  const parts: Buffer[] = []
  for (const { path, type = 'File', linkpath = '', data = '', size } of entries) {
    const bytes = Buffer.from(data)
    const block = Buffer.alloc(512)
    const header = new Header({ path, type, linkpath, mode: 0o644, size: size ?? bytes.length, mtime: new Date(0) })
    header.encode(block, 0)
    if (rawName !== undefined) {
      rawName.copy(block, 0)
      block.fill(0x20, 148, 156)
      const sum = block.reduce((total, byte) => total + byte, 0)
      block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
    }
    parts.push(block, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512))
  }
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(1024)]))
}

async function refusal(archive: Uint8Array, limits = defaultArchiveLimits): Promise<FlotillaError> {
  const thrown = await readArchive(archive, undefined, limits).then(
    () => assert.fail('the archive was accepted'),
    (error: unknown) => error,
  )
  assert.ok(thrown instanceof FlotillaError, String(thrown))
  assert.equal(thrown.code, 'archive.refused')
  return thrown
}

describe('hostile archives are refused with the entry named', () => {
  for (const [title, entries, field] of [
    ['a way out', [{ path: 'c/../../etc/passwd' }], 'c/../../etc/passwd'],
    ['a way out of a folder entry', [{ path: '../x', type: 'Directory' }], '../x'],
    ['an absolute path', [{ path: '/etc/passwd' }], '/etc/passwd'],
    ['a drive', [{ path: 'C:/windows' }], 'C:/windows'],
    ['a backslash', [{ path: 'c\\..\\x' }], 'c\\..\\x'],
    ['a symbolic link', [{ path: 'c/l', type: 'SymbolicLink', linkpath: '/etc/passwd' }], 'c/l'],
    ['a hard link', [{ path: 'c/a' }, { path: 'c/l', type: 'Link', linkpath: 'c/a' }], 'c/l'],
    ['a device', [{ path: 'c/zero', type: 'CharacterDevice' }], 'c/zero'],
    ['a pipe', [{ path: 'c/pipe', type: 'FIFO' }], 'c/pipe'],
    ['a file twice', [{ path: 'c/a' }, { path: 'c/./a' }], 'c/./a'],
    ['a line break in a name', [{ path: 'c/a\nb' }], 'c/a\nb'],
    ['an escape in a name', [{ path: 'c/\u001b[2J' }], 'c/\u001b[2J'],
  ] satisfies [string, Entry[], string][]) {
    test(title, async () => {
      assert.equal((await refusal(tar(entries))).field, field)
    })
  }

  test('a name that is not UTF-8', async () => {
    const error = await refusal(
      tar([{ path: 'placeholder' }], Buffer.from([0x63, 0x2f, 0xff, 0xfe, 0x41, 0, 0, 0, 0, 0, 0])),
    )
    assert.match(error.message, /UTF-8/)
  })

  test('too many entries', async () => {
    const entries = Array.from({ length: 12 }, (_, i) => ({ path: `c/${i}` }))
    assert.equal((await refusal(tar(entries), { ...defaultArchiveLimits, entries: 11 })).field, 'c/11')
  })

  test('too much content, even when the header tells less', async () => {
    const limits = { ...defaultArchiveLimits, bytes: 1000 }
    assert.equal((await refusal(tar([{ path: 'c/big', data: 'x'.repeat(1001) }]), limits)).field, 'c/big')
    await refusal(tar([{ path: 'c/big', data: 'x'.repeat(8_000_000), size: 10 }]), limits)
  })

  test('a ratio that only a bomb has', async () => {
    const bomb = gzipSync(Buffer.alloc(24 * 1024 * 1024))
    await refusal(bomb)
    const error = await refusal(tar([{ path: 'c/bomb', data: Buffer.alloc(12 * 1024 * 1024) }]))
    assert.equal(error.field, 'c/bomb')
  })

  test('the same inside a packaged subchart, with both names', async () => {
    const inner = tar([{ path: 'sub/evil', type: 'SymbolicLink', linkpath: '..' }])
    assert.equal((await refusal(tar([{ path: 'c/charts/sub.tgz', data: inner }]))).field, 'c/charts/sub.tgz!sub/evil')
    let nested = tar([{ path: 'x/Chart.yaml' }])
    for (let i = 0; i < 4; i++) nested = tar([{ path: 'x/charts/x.tgz', data: nested }])
    assert.match((await refusal(nested)).message, /too deep/)
  })

  for (const [title, bytes] of [
    ['no archive at all', Buffer.from('apiVersion: v1')],
    ['nothing', Buffer.alloc(0)],
    ['gzip of something else', gzipSync('hello')],
    ['a cut archive', tar([{ path: 'c/a', data: 'x'.repeat(4000) }]).subarray(0, 60)],
    ['an empty archive', gzipSync(Buffer.alloc(1024))],
  ] as const) {
    test(title, async () => {
      await refusal(bytes)
    })
  }

  test('an archive above the packed limit is not even opened', async () => {
    const error = await refusal(Buffer.alloc(1001), { ...defaultArchiveLimits, packedBytes: 1000 })
    assert.match(error.message, /1001 bytes/)
  })
})

describe('packing', () => {
  const part = fc.stringMatching(/^[a-z0-9_-]{1,40}$/)
  const pathOf = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('/'))

  test('what is packed comes out, long names too, in the order of a walk', async () => {
    const file = fc.record({ path: pathOf.map((path) => `${path}.txt`), data: fc.uint8Array({ maxLength: 2000 }) })
    const files = fc.uniqueArray(file, { minLength: 1, maxLength: 20, selector: ({ path }) => path })
    await fc.assert(
      fc.asyncProperty(files, async (list) => {
        const found = await readArchive(await packArchive(list, 'top'))
        const expected = [...list].sort((a, b) => comparePaths(a.path, b.path))
        assert.deepEqual(
          found.map(({ path, data }) => [path, Buffer.from(data).toString('hex')]),
          expected.map(({ path, data }) => [`top/${path}`, Buffer.from(data).toString('hex')]),
        )
      }),
      { numRuns: 50 },
    )
  })

  test('the same files give the same bytes and digest in whatever order', async () => {
    const files = filesOf({ 'a/b': '1', 'a.yaml': '2', 'a/a/a': '3' })
    const turned = files.toReversed()
    assert.deepEqual(await packArchive(turned, 'x'), await packArchive(files, 'x'))
    assert.equal(filesDigest(turned), filesDigest(files))
    assert.notEqual(filesDigest(filesOf({ a: '1', b: '' })), filesDigest(filesOf({ a: '', b: '1' })))
  })
})
