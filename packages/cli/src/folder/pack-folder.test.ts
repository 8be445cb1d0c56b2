import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile, chmod } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { list } from 'tar'
import type { ApiClient } from '@flotilla/api'
import { testIo } from '../testing/test-io.ts'
import { packFolder } from './pack-folder.ts'
import { uploadFolders } from './upload-folders.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'flotilla-pack-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

async function chart(at: string, order: readonly string[]): Promise<string> {
  const folder = join(dir, at, 'web')
  await mkdir(join(folder, 'templates'), { recursive: true })
  for (const name of order) await writeFile(join(folder, name), `content of ${name}\n`)
  return folder
}
const names = ['Chart.yaml', 'values.yaml', 'templates/a.yaml', 'templates/b.yaml']

async function entries(bytes: Uint8Array): Promise<string[]> {
  const file = join(dir, 'packed.tgz')
  await writeFile(file, bytes)
  const found: string[] = []
  await list({ file, onReadEntry: (entry) => found.push(entry.path) })
  return found
}

describe('packing a folder', () => {
  test('the same files give the same bytes, whenever and in whichever order they were written', async () => {
    const one = await chart('one', names)
    const two = await chart('two', names.toReversed())
    await utimes(join(two, 'Chart.yaml'), new Date(0), new Date(0))
    await chmod(join(two, 'Chart.yaml'), 0o700)
    await mkdir(join(two, '.git'))
    await writeFile(join(two, '.git', 'HEAD'), 'x')
    const [a, b] = [await packFolder(one, 'chart'), await packFolder(two, 'chart')]
    assert.equal(a.digest, b.digest)
    assert.deepEqual(a.bytes, b.bytes)
    assert.deepEqual(await entries(a.bytes), names.map((name) => `web/${name}`).sort())
    await writeFile(join(two, 'values.yaml'), 'other')
    assert.notEqual((await packFolder(two, 'chart')).digest, a.digest)
  })

  test('manifests lie at the root', async () => {
    const folder = await chart('one', names)
    assert.deepEqual(await entries((await packFolder(folder, 'root')).bytes), [...names].sort())
  })

  test('a link is refused and named', async () => {
    const folder = await chart('one', names)
    await symlink('/etc/passwd', join(folder, 'templates', 'c.yaml'))
    await assert.rejects(packFolder(folder, 'chart'), /templates\/c\.yaml is a link/)
  })

  test('a folder without Chart.yaml is no chart', async () => {
    await assert.rejects(packFolder(await chart('one', names.slice(1)), 'chart'), /no Chart\.yaml/)
  })
})

describe('folders in documents', () => {
  const upload = (puts: string[]): ApiClient =>
    ({
      uploads: {
        put: ({ params }: { params: { project: string; digest: string } }) => {
          puts.push(`${params.project} ${params.digest}`)
          return Promise.resolve({ digest: params.digest, bytes: 1 })
        },
      },
      // stands for the server where the test is about the text
    }) as unknown as ApiClient

  test('are uploaded, and their digest takes the place of the path; the rest stays as it was written', async () => {
    await chart('one', names)
    const puts: string[] = []
    const text = `# kept
apiVersion: flotilla.dev/v1alpha1
kind: Application
metadata: { name: shop, namespace: pj-shop }
spec:
  components:
    - name: web # kept too
      helm:
        chart: { path: ./one/web }
      values: { on: yes, mode: 0755 }
    - name: rest
      manifests:
        path: one/web/templates
`
    const out = await uploadFolders(testIo({ cwd: dir }), upload(puts), { text, base: dir, name: 'x' }, undefined)
    const { digest } = await packFolder(join(dir, 'one', 'web'), 'chart')
    assert.equal(puts.length, 2)
    assert.equal(puts[0], `shop ${digest}`)
    assert.match(out, /# kept\n/)
    assert.match(out, /name: web # kept too/)
    assert.match(out, /on: yes, mode: 0755/)
    assert.ok(out.includes(`upload: { digest: ${digest}, name: web }`) || out.includes(`digest: ${digest}`))
    assert.ok(!/\bpath:/.test(out))
  })

  test('a text without a path is not touched', async () => {
    const text = 'kind:   Application\nspec: {x:   1}\n'
    assert.equal(await uploadFolders(testIo({}), upload([]), { text, base: dir, name: 'x' }, 'shop'), text)
  })

  test('several documents stay several', async () => {
    await chart('one', names)
    const app = 'kind: Application\nspec:\n  components:\n    - name: a\n      helm: { chart: { path: one/web } }\n'
    const text = `kind: Project\nmetadata: { name: a }\n---\n${app}---\nkind: Project\nmetadata: { name: b }\n`
    const out = await uploadFolders(testIo({}), upload([]), { text, base: dir, name: 'x' }, 'shop')
    const { parseAllDocuments } = await import('yaml')
    assert.deepEqual(
      parseAllDocuments(out).map((document) => document.get('kind')),
      ['Project', 'Application', 'Project'],
    )
  })
})
