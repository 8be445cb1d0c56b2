export interface DiffLine {
  readonly kind: 'same' | 'add' | 'del' | 'gap'
  readonly text: string
}

/** Reads a unified difference: headers go, the place of a hunk becomes a gap. */
export function parseDiff(diff: string): DiffLine[] {
  const lines: DiffLine[] = []
  for (const line of diff.split('\n')) {
    if (line.startsWith('--- ') || line.startsWith('+++ ') || line.startsWith('\\')) continue
    if (line.startsWith('@@')) {
      if (lines.length > 0) lines.push({ kind: 'gap', text: '' })
    } else if (line.startsWith('+')) lines.push({ kind: 'add', text: line.slice(1) })
    else if (line.startsWith('-')) lines.push({ kind: 'del', text: line.slice(1) })
    else if (line !== '') lines.push({ kind: 'same', text: line.replace(/^ /, '') })
  }
  return lines
}

/** How many lines come and go. */
export function countDiff(lines: readonly DiffLine[]): { added: number; removed: number } {
  let added = 0
  let removed = 0
  for (const { kind } of lines) {
    if (kind === 'add') added++
    else if (kind === 'del') removed++
  }
  return { added, removed }
}
