import type { ObjectChange } from '@flotilla/api'

const turned = { added: 'removed', removed: 'added', changed: 'changed' } as const

/** A difference read the other way round: what going back would change. */
export function reverseChange(change: ObjectChange): ObjectChange {
  return { ...change, change: turned[change.change], diff: reverseDiff(change.diff) }
}

/** Of a unified difference: what goes comes, what comes goes; within a run of changed lines what goes stands first. */
export function reverseDiff(diff: string): string {
  const out: string[] = []
  let going: string[] = []
  let coming: string[] = []
  const flush = () => {
    out.push(...going, ...coming)
    going = []
    coming = []
  }
  for (const line of diff.split('\n')) {
    const heading = line.startsWith('--- ') || line.startsWith('+++ ')
    if (line.startsWith('+') && !heading) going.push(`-${line.slice(1)}`)
    else if (line.startsWith('-') && !heading) coming.push(`+${line.slice(1)}`)
    else {
      flush()
      out.push(line.replace(/^@@ -(\S+) \+(\S+) @@/, '@@ -$2 +$1 @@'))
    }
  }
  flush()
  return out.join('\n')
}
