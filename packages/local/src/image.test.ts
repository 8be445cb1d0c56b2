import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { Parser } from 'tar'
import { buildImage, type Image } from './image.ts'

const program = { path: '/app/tool', content: Buffer.from('#!/bin/sh\n'), mode: 0o755 }

async function listLayer(image: Image) {
  const entries: { path: string; type: string; mode: number; size: number; text: string; linkpath: string }[] = []
  const parser = new Parser()
  parser.on('entry', (entry) => {
    const row = {
      path: entry.path,
      type: entry.type,
      mode: entry.mode ?? 0,
      size: entry.size,
      text: '',
      linkpath: String(entry.linkpath ?? ''),
    }
    entries.push(row)
    entry.on('data', (chunk: Buffer) => (row.text += chunk.toString()))
  })
  const done = new Promise((resolve) => parser.on('end', resolve))
  parser.end(Buffer.from(image.blobs[0]?.bytes ?? []))
  await done
  return entries
}

describe('an image made here', () => {
  test('is the same bytes for the same files, in whatever order they come', () => {
    const other = { path: '/etc/motd', content: Buffer.from('hello') }
    const one = buildImage([program, other], { entrypoint: ['/app/tool'] })
    const two = buildImage([other, program], { entrypoint: ['/app/tool'] })
    assert.equal(one.manifest.digest, two.manifest.digest)
    assert.notEqual(one.manifest.digest, buildImage([program]).manifest.digest)
  })

  test('holds the files, the folders above them and a writable /tmp', async () => {
    const image = buildImage([program, { path: '/bin/sh', linkTo: '/app/tool' }])
    const entries = await listLayer(image)
    assert.deepEqual(
      entries.map(({ path }) => path),
      ['tmp/', 'app/', 'app/tool', 'bin/', 'bin/sh'],
    )
    const tool = entries.find(({ path }) => path === 'app/tool')
    assert.equal(tool?.mode, 0o755)
    assert.equal(tool?.text, '#!/bin/sh\n')
    assert.equal(entries.find(({ path }) => path === 'bin/sh')?.linkpath, '/app/tool')
    assert.equal(entries[0]?.mode, 0o1777)
  })

  test('names its layer and configuration by their true digests and sizes', () => {
    const image = buildImage([program], { user: '65532', env: { VERSION: '1.0.0' } })
    const manifest = JSON.parse(Buffer.from(image.manifest.bytes).toString()) as {
      config: { digest: string; size: number }
      layers: { digest: string; size: number }[]
    }
    const [layer, config] = image.blobs
    for (const [said, blob] of [
      [manifest.layers[0], layer],
      [manifest.config, config],
    ] as const) {
      assert.ok(said !== undefined && blob !== undefined)
      assert.equal(said.digest, `sha256:${createHash('sha256').update(blob.bytes).digest('hex')}`)
      assert.equal(said.size, blob.bytes.length)
    }
    const settings = JSON.parse(Buffer.from(config?.bytes ?? []).toString()) as {
      config: { User: string; Env: string[] }
    }
    assert.equal(settings.config.User, '65532')
    assert.ok(settings.config.Env.includes('VERSION=1.0.0'))
  })

  test('refuses a path that its header cannot hold', () => {
    assert.throws(() => buildImage([{ path: `/${'a'.repeat(300)}`, content: Buffer.alloc(1) }]), /too long/)
  })
})
