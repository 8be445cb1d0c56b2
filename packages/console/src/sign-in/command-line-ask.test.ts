import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandLineAsk } from './command-line-ask.ts'

const challenge = 'c'.repeat(43)

test('a port of this machine and a challenge are taken, and nothing that leads elsewhere', () => {
  assert.deepEqual(commandLineAsk(new URLSearchParams({ port: '40001', challenge })), { port: 40_001, challenge })
  for (const port of ['', '80', '0x1F90', '70000', '1234@evil.example', '1234/x', '-1024', '1e4', ' 4000'])
    assert.equal(commandLineAsk(new URLSearchParams({ port, challenge })), undefined, port)
  for (const other of ['', 'short', `${challenge}c`, 'c'.repeat(42).concat('!')])
    assert.equal(commandLineAsk(new URLSearchParams({ port: '40001', challenge: other })), undefined, other)
})
