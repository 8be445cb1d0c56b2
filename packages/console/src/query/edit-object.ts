import type { ApiClient, KubeObjectShape, RouteQuery } from '@flotilla/api'
import { FlotillaError } from '@flotilla/model/errors'
import { mergeValues } from '../editor/merge-values.ts'
import { isConflict, writeDocument } from './write-document.ts'

export interface ObjectPlace {
  readonly kind: string
  readonly name: string
  readonly where?: NonNullable<RouteQuery<'kinds.get'>>
}

type Writing = Pick<ApiClient, 'documents' | 'kinds'>
const mostTries = 4

/** Reads the object, changes it, writes it whole over the version that was read; when somebody was faster, again. */
export async function editObject(
  api: Writing,
  place: ObjectPlace,
  edit: (object: KubeObjectShape) => KubeObjectShape,
): Promise<void> {
  await replaceObject(api, place, await readObject(api, place), edit)
}

/**
 * Writes what was edited of an object that was read before. What somebody else changed meanwhile stays; where both
 * changed the same, nothing is written and the field is named.
 */
export async function replaceObject(
  api: Writing,
  place: ObjectPlace,
  base: KubeObjectShape,
  edit: (object: KubeObjectShape) => KubeObjectShape,
): Promise<void> {
  const mine = edit(base)
  let wanted = mine
  let version = base.metadata.resourceVersion
  for (let tries = 1; ; tries++) {
    try {
      await writeDocument(api, {
        documents: JSON.stringify(declared(wanted)),
        mode: 'replace',
        ...(version === undefined ? {} : { resourceVersion: version }),
      })
      return
    } catch (error) {
      if (!isConflict(error) || tries === mostTries) throw error
    }
    const theirs = await readObject(api, place)
    const merged = mergeValues(base['spec'], mine['spec'], theirs['spec'])
    const [conflict] = merged.conflicts
    if (conflict !== undefined)
      throw new FlotillaError('request.conflict', {
        message: `${place.kind} ${place.name} was changed by somebody else meanwhile`,
        field: ['spec', ...conflict.path].join('.'),
        remedy: 'Close this, look at it again, and change it anew',
      })
    wanted = { ...theirs, spec: merged.value }
    version = theirs.metadata.resourceVersion
  }
}

const readObject = (api: Pick<ApiClient, 'kinds'>, { kind, name, where }: ObjectPlace): Promise<KubeObjectShape> =>
  api.kinds.get({ params: { kind, name }, query: where ?? {} })

/** The status is written by Flotilla only. */
function declared({ status: _status, ...object }: KubeObjectShape): Omit<KubeObjectShape, 'status'> {
  return object
}
