import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FlotillaError } from '@flotilla/model'
import { readHostConnection } from './host-connection.ts'

test('several files in the place of one kubeconfig are refused with the way to merge them', async () => {
  await assert.rejects(
    readHostConnection({ kubeconfig: '/nowhere/a:/nowhere/b', context: undefined }, {}),
    (thrown) => {
      assert.ok(thrown instanceof FlotillaError)
      assert.match(thrown.remedy ?? '', /one file.*--flatten/)
      return true
    },
  )
})
