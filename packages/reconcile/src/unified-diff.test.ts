import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { unifiedDiff } from './unified-diff.ts'

/** Applies a unified difference, strictly. */
function patch(before: string, diff: string): string {
  const lines = before === '' ? [] : before.replace(/\n$/, '').split('\n')
  const out: string[] = []
  let at = 0
  for (const line of diff.split('\n').slice(0, -1)) {
    const head = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@$/.exec(line)
    if (head !== null) {
      const start = Number(head[1]) - (head[2] === '0' ? 0 : 1)
      while (at < start) out.push(lines[at++] ?? '')
      assert.equal(out.length, Number(head[3]) - (head[4] === '0' ? 0 : 1), 'the new side starts where it says')
      continue
    }
    if (line.startsWith('+')) out.push(line.slice(1))
    else {
      assert.equal(line.slice(1), lines[at])
      if (line.startsWith(' ')) out.push(line.slice(1))
      at++
    }
  }
  out.push(...lines.slice(at))
  return out.map((line) => `${line}\n`).join('')
}

describe('unified difference', () => {
  test('shows a change with three lines around it', () => {
    const before = 'a\nb\nc\nd\ne\nf\ng\nh\n'
    assert.equal(unifiedDiff(before, before.replace('e', 'E')), '@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n')
  })

  test('equal texts have none', () => assert.equal(unifiedDiff('a\n', 'a\n'), ''))

  test('a text that comes or goes whole', () => {
    assert.equal(unifiedDiff('', 'a\nb\n'), '@@ -0,0 +1,2 @@\n+a\n+b\n')
    assert.equal(unifiedDiff('a\n', ''), '@@ -1 +0,0 @@\n-a\n')
  })

  test('applied to the one text it gives the other', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', 'd', ''), { maxLength: 40 })
      .map((lines) => lines.map((line) => `${line}\n`).join(''))
    fc.assert(
      fc.property(text, text, (a, b) => assert.equal(patch(a, unifiedDiff(a, b)), b)),
      { numRuns: 500 },
    )
  })

  test('is no longer than need be', () => {
    const line = fc.constantFrom('a', 'b', 'c')
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), fc.nat(12), line, (lines, place, extra) => {
        const more = lines.toSpliced(Math.min(place, lines.length), 0, extra)
        const diff = unifiedDiff(lines.map((l) => `${l}\n`).join(''), more.map((l) => `${l}\n`).join(''))
        assert.equal(diff.split('\n').filter((l) => l.startsWith('+') || l.startsWith('-')).length, 1)
      }),
    )
  })

  test('texts that have nothing in common are still told apart in bounded time', () => {
    const text = (prefix: string) => Array.from({ length: 5_000 }, (_, index) => `${prefix}${index}\n`).join('')
    assert.equal(patch(text('a'), unifiedDiff(text('a'), text('b'))), text('b'))
  })
})
