import type { KubeClient } from '@flotilla/kube'
import { asFlotillaError, FlotillaError, type KubeObject, personManager } from '@flotilla/model'

const mostTries = 5

/** `shop-1`, `shop-2` ...: the next free names of a stem, and some more for when somebody is quicker. */
export function numberedNames(
  rows: readonly { readonly project: string; readonly name: string }[],
  project: string,
  stem: string,
): string[] {
  const short = stem.slice(0, 55).replace(/-+$/, '')
  const taken = rows.flatMap((row) => {
    if (row.project !== project || !row.name.startsWith(`${short}-`)) return []
    const number = Number(row.name.slice(short.length + 1))
    return Number.isSafeInteger(number) ? [number] : []
  })
  const next = Math.max(0, ...taken) + 1
  return Array.from({ length: mostTries }, (_, index) => `${short}-${next + index}`)
}

/** Creates the object under the first of the names that is free. Errors: `request.conflict` when none is. */
export async function createUnderFirstName(
  host: KubeClient,
  object: KubeObject,
  names: readonly string[],
  signal: AbortSignal,
): Promise<KubeObject> {
  for (const name of names)
    try {
      const named = { ...object, metadata: { ...object.metadata, name } }
      return await host.create(named, { fieldManager: personManager, signal })
    } catch (thrown) {
      if (asFlotillaError(thrown).code !== 'kube.conflict') throw thrown
    }
  const name = names.at(-1)
  throw new FlotillaError('request.conflict', {
    message: `There is a ${object.kind} ${name ?? ''} already`,
    field: 'name',
    value: name,
    remedy: 'Choose another name, or leave it out',
  })
}
