import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { list } from 'tar'
import { buildLayer, imageOf } from './image.ts'
import { saveImage } from './save-image.ts'

describe('an image as a file', () => {
  let dir = ''
  before(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'flotilla-save-'))
  })
  after(() => rm(dir, { recursive: true, force: true }))

  const layer = (name: string) => buildLayer([{ path: `/${name}`, content: Buffer.from(name) }])
  const image = imageOf([layer('one'), layer('two')], { entrypoint: ['/one'] })

  async function read(file: string): Promise<Map<string, string>> {
    const found = new Map<string, string>()
    const reading: Promise<void>[] = []
    await list({
      file,
      onReadEntry: (entry) => {
        reading.push(entry.concat().then((bytes) => void found.set(entry.path, bytes.toString())))
      },
    })
    await Promise.all(reading)
    return found
  }

  test('has every blob at its digest, and both lists name them', async () => {
    const file = path.join(dir, 'made/tool.tar')
    await saveImage(file, 'flotilla/tool:1', image)
    const found = await read(file)
    for (const { digest, bytes } of [image.manifest, ...image.blobs])
      assert.equal(found.get(`blobs/${digest.replace(':', '/')}`), Buffer.from(bytes).toString())
    const index = JSON.parse(found.get('index.json') ?? '') as { manifests: Record<string, unknown>[] }
    assert.equal(index.manifests[0]?.['digest'], image.manifest.digest)
    assert.deepEqual(index.manifests[0]?.['annotations'], {
      'io.containerd.image.name': 'docker.io/flotilla/tool:1',
      'org.opencontainers.image.ref.name': '1',
    })
    const [older] = JSON.parse(found.get('manifest.json') ?? '') as {
      Config: string
      RepoTags: string[]
      Layers: string[]
    }[]
    assert.deepEqual(older?.RepoTags, ['flotilla/tool:1'])
    for (const one of [older?.Config ?? '', ...(older?.Layers ?? [])]) assert.ok(found.has(one), one)
    assert.deepEqual(await readdir(path.dirname(file)), ['tool.tar'])
  })

  test('is the same bytes for the same image', async () => {
    const [one, two] = [path.join(dir, 'one.tar'), path.join(dir, 'two.tar')]
    await Promise.all([one, two].map((file) => saveImage(file, 'docker.example:5000/tool:1', image)))
    assert.ok((await readFile(one)).equals(await readFile(two)))
    assert.match((await read(one)).get('index.json') ?? '', /"docker\.example:5000\/tool:1"/)
  })
})
