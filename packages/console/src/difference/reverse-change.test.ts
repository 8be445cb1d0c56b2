import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { reverseDiff } from './reverse-change.ts'

describe('a difference read the other way round', () => {
  const diff =
    '@@ -1,3 +1,4 @@\n kind: ConfigMap\n-  color: red\n-  size: 1\n+  color: blue\n+  size: 2\n+  new: yes\n end: true\n'

  test('takes away what came, and shows what goes first', () => {
    assert.equal(
      reverseDiff(diff),
      '@@ -1,4 +1,3 @@\n kind: ConfigMap\n-  color: blue\n-  size: 2\n-  new: yes\n+  color: red\n+  size: 1\n end: true\n',
    )
  })

  test('twice is as it was', () => {
    assert.equal(reverseDiff(reverseDiff(diff)), diff)
  })
})
