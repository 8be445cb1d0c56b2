import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { countDiff, parseDiff } from './parse-diff.ts'

const diff = `--- live
+++ wanted
@@ -1,3 +1,3 @@
 spec:
-  replicas: 3
+  replicas: 5
@@ -20,2 +20,2 @@
 -  a dash that is content
+++ also content
`

describe('a unified difference', () => {
  test('becomes lines without headers, with a gap between hunks', () => {
    assert.deepEqual(parseDiff(diff.replace('+++ also content\n', '')), [
      { kind: 'same', text: 'spec:' },
      { kind: 'del', text: '  replicas: 3' },
      { kind: 'add', text: '  replicas: 5' },
      { kind: 'gap', text: '' },
      { kind: 'same', text: '-  a dash that is content' },
    ])
  })
  test('is counted', () => assert.deepEqual(countDiff(parseDiff(diff)), { added: 1, removed: 1 }))
  test('of nothing is nothing', () => assert.deepEqual(parseDiff(''), []))
})
