import assert from 'node:assert/strict'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { publicChartFolder, publicCharts } from '@flotilla/render/testing/public-charts'
import { openTarget, type TestTarget } from './testing/open-target.ts'
import { until } from '../../testing/until.ts'

/** Their images are not to be had here, so nothing of them runs: every workload is told to have no pods. */
const withoutPods = {
  name: 'without-pods',
  patches: ['Deployment', 'StatefulSet'].map((kind) => ({
    target: { kind },
    operations: [{ op: 'add', path: '/spec/replicas', value: 0 }],
  })),
}

const delivered = [
  { path: 'charts/ingress-nginx', values: { controller: { admissionWebhooks: { enabled: false } } } },
  { path: 'charts/descheduler', values: { suspend: true } },
  { path: 'charts/external-dns', values: {} },
  { path: 'charts/dapr', values: {} },
  { path: 'charts/gateway-crds-helm', values: { crds: { gatewayAPI: { enabled: true } } } },
]

const tooLargeForHelm = new Set(['gateway-crds-helm'])

describe('unmodified public charts, delivered', () => {
  let target: TestTarget
  before(async () => {
    target = await openTarget({ scope: 'Cluster', podSecurity: 'privileged' })
  })
  after(() => target.close())

  for (const { path, values } of delivered) {
    const name = path.split('/').at(-1) ?? ''
    test(`${name} is installed, seen by plain helm, and taken away whole`, async () => {
      const chart = publicCharts.find((one) => one.path === path)
      assert.ok(chart)
      const folder = await mkdtemp(join(tmpdir(), 'flotilla-public-'))
      await cp(await publicChartFolder(chart), join(folder, name), { recursive: true })
      const address = await target.registry.pushChart(join(folder, name))
      await rm(folder, { recursive: true })
      const [, url = '', version = ''] = /^(.*):([^:]+)$/.exec(address) ?? []
      await target.writeApplication(name, {
        components: [{ name, helm: { chart: { oci: { url, version } } }, values }],
        overrides: [withoutPods],
      })
      const first = await target.settled(name, { revision: 1, seconds: 120 })
      assert.deepEqual(first.findings?.filter(({ severity }) => severity === 'Error') ?? [], [])
      const listed = await target.helm('list', '--filter', `^${name}$`)
      if (tooLargeForHelm.has(name)) {
        // helm itself would refuse the installation: a record of a release has to fit into one Secret
        assert.ok(
          first.findings?.some(({ message }) => /No Helm record could be written: it has \d+ KiB/.test(message)),
        )
      } else {
        assert.match(listed, new RegExp(`${name}\\s.*deployed`))
        assert.ok((await target.helm('get', 'manifest', name)).length > 500)
      }
      await target.deleteApplication(name)
      await until('the delivery is gone', async () => (await target.getDelivery(name)) === undefined, 120)
      assert.equal((await target.helm('list', '-q')).includes(name), false)
    })
  }
})
