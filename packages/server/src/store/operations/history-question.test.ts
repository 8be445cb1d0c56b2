import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { before, test } from 'node:test'
import type { RunQuestion } from '../history-store.ts'
import { migrate } from '../migrations.ts'
import { fillHistory } from '../testing/fill-history.ts'
import { statementOf } from './history-question.ts'

let database: DatabaseSync
before(() => {
  database = new DatabaseSync(':memory:')
  migrate(database)
  for (const text of fillHistory(100_000)) database.exec(text)
})

const image = 'registry.test/app-7'
const questions: readonly (readonly [string, RunQuestion, string])[] = [
  ['a repository', { image }, 'history_images_repository'],
  ['where a repository runs', { image, running: true }, 'history_images_running'],
  ['a tag', { image: `${image}:3` }, 'history_images_tagged'],
  ['a digest', { image: '@sha256:7-3' }, 'history_images_digest'],
  ['a release', { release: 'r-3' }, 'history_runs_release'],
  ['a cluster', { cluster: 'c-1' }, 'history_runs_cluster'],
  ['an application', { project: 'p-7', application: 'app-7' }, 'history_runs_project'],
  ['an application by the uid of its project', { projectUids: ['uid-7'], application: 'app-7' }, 'history_runs_target'],
  ['the newest', {}, 'history_runs_from'],
]
for (const [what, question, index] of questions)
  test(`finds ${what} among 100,000 runs by an index`, (t) => {
    for (const cursor of [undefined, { at: 99_000, ties: ['99000'] }]) {
      const { text, values } = statementOf(question, cursor, 100)
      const plan = database.prepare(`EXPLAIN QUERY PLAN ${text}`).all(...values)
      const steps = plan.map(({ detail }) => String(detail))
      assert.ok(
        steps.some((step) => step.includes(index)),
        steps.join('\n'),
      )
      // what was found already is read whole
      const scans = steps.filter(
        (step) => step.startsWith('SCAN') && !/^SCAN (found|run USING INDEX history_runs_from)/.test(step),
      )
      assert.deepEqual(scans, [], steps.join('\n'))
    }
    const { text, values } = statementOf(question, undefined, 100)
    const began = performance.now()
    const found = database.prepare(text).all(...values).length
    t.diagnostic(`${found} in ${(performance.now() - began).toFixed(1)} ms`)
    assert.ok(found > 0 && performance.now() - began < 1_000)
  })
