import { annotations, fieldManager, type KubeObject, personManagers } from '@flotilla/model'

type Managed = Pick<KubeObject, 'metadata'>

/** Fields of a spec that say whether it is delivered now, and nothing of what. */
const operated = new Set(['f:paused', 'f:hold', '.'])

/**
 * Who wrote the spec last, for the history: the person (`flotilla:user:<uid>`) where it came through Flotilla, else the
 * field manager, which is all that the API server keeps, said to be just that.
 */
export function writerOf(object: Managed): string {
  const manager = specWriters(object)[0]?.manager
  if (manager === undefined) return fieldManager
  if (!manager.startsWith(personManagers)) return `outside Flotilla (field manager ${manager})`
  return object.metadata.annotations?.[annotations.changedBy] ?? 'a person through Flotilla'
}

/** Field managers that wrote the spec past Flotilla after a moment (RFC 3339), newest first; without one, at any time. */
export function writersOutside(object: Managed, since: string | undefined): string[] {
  const late = specWriters(object).filter(({ time }) => since === undefined || time > Date.parse(since))
  return [...new Set(late.map(({ manager }) => manager).filter((manager) => !manager.startsWith(personManagers)))]
}

/** When the spec was last written under a field manager that is kept for people; milliseconds since the epoch. */
export const personWroteAt = (object: Managed): number | undefined =>
  specWriters(object).find(({ manager }) => manager.startsWith(personManagers))?.time

/** Newest first. */
function specWriters({ metadata }: Managed): { readonly manager: string; readonly time: number }[] {
  return (metadata.managedFields ?? [])
    .flatMap(({ manager, subresource, fieldsV1, time }) => {
      const ofSpec = fieldsV1?.['f:spec']
      if (ofSpec === undefined || manager === undefined || manager === fieldManager) return []
      if ((subresource ?? '') !== '' || isOperation(ofSpec)) return []
      return [{ manager, time: Date.parse(time ?? '') }]
    })
    .toSorted((a, b) => b.time - a.time)
}

function isOperation(fields: unknown): boolean {
  const names = typeof fields === 'object' && fields !== null ? Object.keys(fields) : []
  return names.length > 0 && names.every((name) => operated.has(name))
}
