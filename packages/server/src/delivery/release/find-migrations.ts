import type { FrozenMigration, FrozenTarget } from '@flotilla/model'
import { declaredMigration } from '@flotilla/reconcile'
import type { StoredSets } from '../rendered-set.ts'

const most = 200

/** The hooks of the charts that migrate, by component and name. */
export async function findMigrations(
  sets: StoredSets,
  targets: readonly Pick<FrozenTarget, 'components'>[],
): Promise<FrozenMigration[]> {
  const found = new Map<string, FrozenMigration>()
  const digests = new Set(targets.flatMap(({ components }) => components.map(({ digest }) => digest)))
  for (const digest of digests) {
    const set = await sets.get(digest)
    for (const { name, object } of set?.hooks ?? []) {
      const said = declaredMigration(object)
      if (said === undefined || set === undefined) continue
      const key = `${set.component}/${name}`
      // where one target's chart says that it cannot be taken back, it cannot
      const reversible = said.reversible && found.get(key)?.reversible !== false
      if (found.size < most || found.has(key)) found.set(key, { component: set.component, name, reversible })
    }
  }
  return [...found.values()]
}
