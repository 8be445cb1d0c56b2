import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  helmTemplate,
  openTestRenderer,
  oracleRequest,
  printAsHelm,
  type TestRenderer,
  uploadChart,
} from '../testing/charts.ts'
import { publicCharts, publicChartFolder, publicChartValues } from '../testing/public-charts.ts'

describe('unmodified public charts render as `helm template` renders them', () => {
  let renderer: TestRenderer
  before(async () => {
    renderer = await openTestRenderer()
  })
  after(() => renderer.close())

  for (const chart of publicCharts) {
    test(`${chart.module} ${chart.path}`, async () => {
      const folder = await publicChartFolder(chart)
      const source = await uploadChart(renderer, folder)
      let rendered = 0
      for (const [at, values] of (await publicChartValues(chart, folder)).entries()) {
        // what a chart does otherwise in an upgrade is asked once: it does not depend on the values
        for (const upgrade of at === 0 ? [false, true] : [false]) {
          const oracle = { values, upgrade, apiVersions: ['monitoring.coreos.com/v1'] }
          const expected = await helmTemplate(folder, oracle)
          const set = await renderer.render(oracleRequest(source, oracle))
          const unstable = set.findings.filter((finding) => finding.code === 'render.unstable')
          assert.deepEqual(withoutRandom(printAsHelm(set), unstable.length), withoutRandom(expected, unstable.length))
          rendered += set.objects.length + set.hooks.length
        }
      }
      assert.ok(rendered > 0)
    })
  }
})

/** Certificates that a chart makes anew each time are compared by their place only. */
function withoutRandom(text: string, unstable: number): string {
  return unstable === 0 ? text : text.replaceAll(/[A-Za-z0-9+/=]{60,}/g, '<random>')
}
