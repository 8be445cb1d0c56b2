import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createKubeTokens, kubeTokenMs } from './kube-token.ts'

const tokenHash = randomBytes(32).toString('hex')
const key = randomBytes(32)
const start = Date.parse('2026-11-22T10:00:00Z')
const far = new Date(start + 1e9).toISOString()

test('a token says which session it stands for, until its time is over', () => {
  let now = start
  const tokens = createKubeTokens({ key, clock: { now: () => now } })
  const { token, expiresAt } = tokens.issue({ tokenHash, expiresAt: far })
  assert.equal(Date.parse(expiresAt), start + kubeTokenMs)
  assert.equal(tokens.verify(token), tokenHash)
  now = start + kubeTokenMs - 1
  assert.equal(tokens.verify(token), tokenHash)
  now = start + kubeTokenMs
  assert.equal(tokens.verify(token), undefined)
})

test('it ends with its session at the latest', () => {
  const tokens = createKubeTokens({ key, clock: { now: () => start } })
  const soon = new Date(start + 5_000).toISOString()
  assert.equal(Date.parse(tokens.issue({ tokenHash, expiresAt: soon }).expiresAt), start + 5_000)
})

test('no letter of it may be another, and no other key makes one', () => {
  const tokens = createKubeTokens({ key, clock: { now: () => start } })
  const others = createKubeTokens({ key: randomBytes(32), clock: { now: () => start } })
  const { token } = tokens.issue({ tokenHash, expiresAt: far })
  assert.equal(others.verify(token), undefined)
  for (let at = 4; at < token.length; at++) {
    const other = token[at] === 'A' ? 'Q' : 'A'
    const changed = `${token.slice(0, at)}${other}${token.slice(at + 1)}`
    // the last letter of base64 without padding has bits that nobody reads
    const same = tokens.verify(changed) === tokenHash
    assert.ok(!same || at === token.length - 1, `letter ${at}`)
  }
  for (const odd of ['', 'flk_', token.slice(0, -1), `${token}A`, token.replace('.', ''), `flo_${token.slice(4)}`])
    assert.equal(tokens.verify(odd), undefined)
})
