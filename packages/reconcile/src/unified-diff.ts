/** Unchanged lines around a change. */
const context = 3
/** Beyond this many differing lines the two texts are not alike: one goes, the other comes. */
const mostEdits = 600

type Op = { readonly sign: ' ' | '-' | '+'; readonly line: string }

/**
 * The difference of two texts, line by line, in the unified format without file names; empty when they are equal. The
 * shortest edit by Myers' "An O(ND) difference algorithm", bounded.
 */
export function unifiedDiff(before: string, after: string): string {
  if (before === after) return ''
  const ops = diffLines(splitLines(before), splitLines(after))
  const changed = ops.flatMap(({ sign }, index) => (sign === ' ' ? [] : [index]))
  const hunks: { from: number; to: number }[] = []
  for (const index of changed) {
    const last = hunks.at(-1)
    if (last !== undefined && index - last.to <= context * 2) last.to = index
    else hunks.push({ from: index, to: index })
  }
  return hunks
    .map(({ from, to }) => writeHunk(ops, Math.max(0, from - context), Math.min(ops.length, to + context + 1)))
    .join('')
}

function writeHunk(ops: readonly Op[], start: number, end: number): string {
  const count = (part: readonly Op[], without: Op['sign']): number => part.filter(({ sign }) => sign !== without).length
  const hunk = ops.slice(start, end)
  const above = ops.slice(0, start)
  const place = (without: '-' | '+'): string => {
    const length = count(hunk, without)
    const line = count(above, without) + (length === 0 ? 0 : 1)
    return length === 1 ? `${line}` : `${line},${length}`
  }
  return `@@ -${place('+')} +${place('-')} @@\n${hunk.map(({ sign, line }) => `${sign}${line}\n`).join('')}`
}

const splitLines = (text: string): string[] => {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

function diffLines(before: readonly string[], after: readonly string[]): Op[] {
  let head = 0
  while (head < before.length && head < after.length && before[head] === after[head]) head++
  let tail = 0
  const room = Math.min(before.length, after.length) - head
  while (tail < room && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++
  const a = before.slice(head, before.length - tail)
  const b = after.slice(head, after.length - tail)
  const same = (line: string): Op => ({ sign: ' ', line })
  return [...before.slice(0, head).map(same), ...editScript(a, b), ...before.slice(before.length - tail).map(same)]
}

function editScript(a: readonly string[], b: readonly string[]): Op[] {
  const trace: Map<number, number>[] = []
  let furthest = new Map<number, number>([[1, 0]])
  for (let edits = 0; edits <= Math.min(mostEdits, a.length + b.length); edits++) {
    trace.push(furthest)
    const next = new Map<number, number>()
    for (let k = -edits; k <= edits; k += 2) {
      let x = comesDown(furthest, k, edits) ? at(furthest, k + 1) : at(furthest, k - 1) + 1
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++
      next.set(k, x)
      if (x >= a.length && x - k >= b.length) return walkBack(a, b, trace, edits)
    }
    furthest = next
  }
  return [...a.map((line): Op => ({ sign: '-', line })), ...b.map((line): Op => ({ sign: '+', line }))]
}

function walkBack(
  a: readonly string[],
  b: readonly string[],
  trace: readonly Map<number, number>[],
  last: number,
): Op[] {
  const ops: Op[] = []
  let x = a.length
  let y = b.length
  const keep = (untilX: number, untilY: number): void => {
    while (x > untilX && y > untilY) {
      x--
      y--
      ops.push({ sign: ' ', line: a[x] ?? '' })
    }
  }
  for (let edits = last; edits > 0; edits--) {
    const furthest = trace[edits] ?? new Map<number, number>()
    const k = x - y
    const down = comesDown(furthest, k, edits)
    const fromK = down ? k + 1 : k - 1
    const fromX = at(furthest, fromK)
    keep(down ? fromX : fromX + 1, down ? fromX - fromK + 1 : fromX - fromK)
    if (down) ops.push({ sign: '+', line: b[--y] ?? '' })
    else ops.push({ sign: '-', line: a[--x] ?? '' })
  }
  keep(0, 0)
  return ops.toReversed()
}

const at = (furthest: ReadonlyMap<number, number>, k: number): number => furthest.get(k) ?? -1

/** Whether the path to diagonal k comes from above (a line comes) rather than from the left (a line goes). */
const comesDown = (furthest: ReadonlyMap<number, number>, k: number, edits: number): boolean =>
  k === -edits || (k !== edits && at(furthest, k - 1) < at(furthest, k + 1))
