import type { Action } from '../actions/action.ts'

export interface PaletteItem extends Action {
  readonly group: 'applications' | 'clusters' | 'places' | 'actions'
  /** Beside the label, in grey: project, state. */
  readonly hint?: string
  /** More words that find it, such as the name in the other language. */
  readonly words?: readonly string[]
}

/** How well a text is found in a label: lower is better, undefined is not at all. */
export function computeRank(label: string, text: string): number | undefined {
  const hay = label.toLowerCase()
  const at = hay.indexOf(text)
  if (at === 0) return 0
  if (at > 0) return /[\s/.:-]/.test(hay[at - 1] ?? '') ? 1 : 2
  // letters in order, as one types `ne ap` for `new application`
  let from = 0
  for (const letter of text) {
    if (letter === ' ') continue
    from = hay.indexOf(letter, from)
    if (from < 0) return undefined
    from++
  }
  return 3
}

const groupOrder: readonly PaletteItem['group'][] = ['applications', 'clusters', 'places', 'actions']

/** What is found, best first within its group; groups keep their order. At most `most` items of a group. */
export function rankItems(items: readonly PaletteItem[], text: string, most = 8): PaletteItem[] {
  const wanted = text.trim().toLowerCase()
  const found: { item: PaletteItem; rank: number }[] = []
  for (const item of items) {
    const ranks = [item.label, ...(item.words ?? [])].map((word) => computeRank(word, wanted))
    const best = Math.min(...ranks.map((rank) => rank ?? Number.POSITIVE_INFINITY))
    if (Number.isFinite(best)) found.push({ item, rank: best })
  }
  found.sort((a, b) => groupOrder.indexOf(a.item.group) - groupOrder.indexOf(b.item.group) || a.rank - b.rank)
  const counts = new Map<string, number>()
  return found.flatMap(({ item }) => {
    const count = counts.get(item.group) ?? 0
    counts.set(item.group, count + 1)
    return count < most ? [item] : []
  })
}
