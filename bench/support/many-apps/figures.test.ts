import assert from 'node:assert/strict'
import { test } from 'node:test'
import { figuresOf, type Round } from './figures.ts'
import type { Turn } from './take-turn.ts'

function turnOf(ms: number, residentMb: number, renders: number): Turn {
  const phase = { ms, seenMs: ms, residentMb: 1, processes: 1, cpuSeconds: 1, renders, digest: '' }
  return { install: phase, upgrade: { ...phase, residentMb }, oneTold: phase, oneAllAsked: phase }
}

const found = (rounds: readonly Round[], what: string) => figuresOf(rounds).find((figure) => figure.what === what)

test('compares the rounds one by one, and memory at the worst of the four steps', () => {
  const rounds: Round[] = [
    { flotilla: turnOf(1000, 100, 1), argo: turnOf(4000, 300, 2), helm: turnOf(2000, 50, 9) },
    { flotilla: turnOf(2000, 100, 1), argo: turnOf(4000, 150, 2), helm: turnOf(2000, 50, 9) },
    { flotilla: turnOf(1000, 100, 1), argo: turnOf(3000, 250, 2), helm: turnOf(2000, 50, 9) },
  ]
  const install = found(rounds, 'Argo CD / Flotilla, install of all')
  assert.deepEqual(install?.value, { median: 3, lowest: 2, highest: 4 })
  assert.equal(install.reached, true)
  assert.equal(found(rounds, 'helm / Flotilla, upgrade of all')?.reached, false)
  const memory = found(rounds, 'Flotilla / Argo CD, memory at most')
  assert.deepEqual(memory?.value, { median: 0.4, lowest: 100 / 300, highest: 100 / 150 })
  assert.equal(memory.reached, true)
})

test('says nothing of a side that was left out, and one render too many is a miss', () => {
  const rounds: Round[] = [
    { flotilla: turnOf(1000, 100, 1), helm: turnOf(2000, 50, 9) },
    { flotilla: turnOf(1000, 100, 2), helm: turnOf(2000, 50, 9) },
  ]
  assert.ok(figuresOf(rounds).every(({ what }) => !what.includes('Argo CD')))
  assert.equal(found(rounds, 'Flotilla, rendered for the commit that touches one, all asked')?.reached, false)
})
