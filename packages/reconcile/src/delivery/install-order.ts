import { installRank, type ObjectRef } from '@flotilla/model'

/** Groups what is applied into waves: within one, order does not matter. Definitions and namespaces come first. */
export function computeWaves<T extends { readonly ref: ObjectRef; readonly fromCrdFolder: boolean }>(
  objects: readonly T[],
): T[][] {
  const waves = new Map<string, T[]>()
  for (const object of objects) {
    const key = waveKey(object)
    const wave = waves.get(key)
    if (wave === undefined) waves.set(key, [object])
    else wave.push(object)
  }
  return [...waves.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, wave]) => wave)
}

function waveKey({ ref, fromCrdFolder }: { readonly ref: ObjectRef; readonly fromCrdFolder: boolean }): string {
  if (fromCrdFolder || ref.kind === 'CustomResourceDefinition') return '0'
  if (ref.kind === 'Namespace') return '1'
  const at = installRank(ref.kind)
  return `2/${String(at).padStart(3, '0')}/${at === installRank('') ? ref.kind : ''}`
}

/** The other way round, for removal: what others need goes last (Helm's `UninstallOrder`). */
export function sortForRemoval<T extends { readonly ref: ObjectRef }>(objects: readonly T[]): T[] {
  return [...objects].sort(
    (a, b) => installRank(b.ref.kind) - installRank(a.ref.kind) || (a.ref.name < b.ref.name ? -1 : 1),
  )
}
