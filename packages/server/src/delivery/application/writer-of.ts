import { annotations, fieldManager, type KubeObject, personManagers } from '@flotilla/model'

/**
 * Who wrote the spec last, for the history: the person (`flotilla:user:<uid>`) where it came through Flotilla, else the
 * field manager, which is all that the API server keeps, said to be just that.
 */
export function writerOf({ metadata }: Pick<KubeObject, 'metadata'>): string {
  const writers = (metadata.managedFields ?? [])
    .filter(({ manager, subresource, fieldsV1 }) => {
      const ofSpec = fieldsV1 !== undefined && Object.hasOwn(fieldsV1, 'f:spec')
      return ofSpec && manager !== undefined && manager !== fieldManager && (subresource ?? '') === ''
    })
    .toSorted((a, b) => Date.parse(b.time ?? '') - Date.parse(a.time ?? ''))
  const manager = writers[0]?.manager
  if (manager === undefined) return fieldManager
  if (!manager.startsWith(personManagers)) return `outside Flotilla (field manager ${manager})`
  return metadata.annotations?.[annotations.changedBy] ?? 'a person through Flotilla'
}
