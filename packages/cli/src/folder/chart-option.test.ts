import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ApiClient } from '@flotilla/api'
import { testIo } from '../testing/test-io.ts'
import { chartSource } from './chart-option.ts'

test('a chart is named as helm names it, and what lies here is uploaded', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'flotilla-chart-option-'))
  const put: string[] = []
  const api = {
    uploads: { put: async ({ params }: { params: { digest: string } }) => void put.push(params.digest) },
  } as unknown as ApiClient
  const source = (options: Parameters<typeof chartSource>[3]) => chartSource(testIo({ cwd: dir }), api, 'shop', options)
  try {
    await mkdir(join(dir, 'web'))
    await writeFile(join(dir, 'web/Chart.yaml'), 'apiVersion: v2\nname: web\nversion: 1.0.0\n')
    await writeFile(join(dir, 'web-1.0.0.tgz'), Buffer.from([0x1f, 0x8b]))
    const url = 'oci://registry.example/charts/web'
    assert.equal(await source({}), undefined)
    assert.deepEqual(await source({ chart: url, chartVersion: '1.2.0' }), { oci: { url, version: '1.2.0' } })
    assert.deepEqual(await source({ chart: 'web', chartRepo: 'https://charts.example', chartVersion: '1.2.0' }), {
      repository: { url: 'https://charts.example', name: 'web', version: '1.2.0' },
    })
    assert.deepEqual(await source({ chart: './web' }), { upload: { digest: put[0], name: 'web' } })
    assert.deepEqual(await source({ chart: 'web-1.0.0.tgz' }), { upload: { digest: put[1], name: 'web-1.0.0.tgz' } })
    assert.equal(put.length, 2)
    await assert.rejects(source({ chart: url }), /--chart-version/)
    await assert.rejects(source({ chart: 'nowhere' }), /no folder or file/)
    await assert.rejects(source({ chartVersion: '1' }), /--chart/)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
})
