import type { ApplicationDetail, ReleaseRow } from '@flotilla/api'
import type { ApplicationSpec } from '@flotilla/model'
import { shortVersion } from '@flotilla/model/short-version'
import { shortImage } from './choice-words.ts'

export interface ChoosableImage {
  /** As it is rendered, without tag or digest. */
  readonly name: string
  /** Its last part, as one reads it. */
  readonly short: string
  /** Tags or digests that run now: targets may differ. */
  readonly now: string
}

/** What can be chosen of one component, with what it has now. */
export interface Choosable {
  readonly component: string
  /** Absent: its manifests are in the application itself, and have no version. */
  readonly version?: string
  readonly images: readonly ChoosableImage[]
}

/** What was typed, by component, and by component and image. */
export interface ReleaseForm {
  readonly versions: Readonly<Record<string, string>>
  readonly images: Readonly<Record<string, string>>
}

export const imageKey = (component: string, image: string): string => `${component} ${image}`

/** `registry:5000/shop/web:1.5.0@sha256:..` is `registry:5000/shop/web`. */
export const imageName = (reference: string): string => reference.replace(/@.*$/, '').replace(/:[^/:]*$/, '')

/** What is typed for an image is its tag, its digest, or a whole reference. */
export function imageReference(name: string, typed: string): string {
  if (typed.includes('/')) return typed
  return typed.startsWith('sha256:') ? `${name}@${typed}` : `${name}:${typed}`
}

type Now = Pick<ApplicationDetail, 'sources'> & { readonly matrix: Pick<ApplicationDetail['matrix'], 'cells'> }

export function listChoosable(
  spec: Pick<ApplicationSpec, 'components'> | undefined,
  { sources, matrix }: Now,
): Choosable[] {
  return (spec?.components ?? []).map(({ name: component, manifests }) => {
    const cells = matrix.cells.filter((cell) => cell.component === component)
    const now = cells.find(({ version }) => version !== undefined)?.version
    const resolved = sources.find((source) => source.component === component)?.version
    const byName = Map.groupBy(new Set(cells.flatMap((cell) => cell.images)), imageName)
    const images = [...byName].map(([name, references]) => {
      const short = name.replace(/^.*\//, '')
      return { name, short, now: references.map((image) => shortImage(image).slice(short.length + 1)).join(', ') }
    })
    return manifests?.inline === undefined
      ? { component, version: shortVersion(resolved ?? now ?? ''), images }
      : { component, images }
  })
}

/** Choices as the server takes them: only what was typed. */
export function computeChoices(choosable: readonly Choosable[], form: ReleaseForm): ReleaseRow['choices'] {
  return choosable.flatMap(({ component, images }) => {
    const version = form.versions[component]?.trim() ?? ''
    const chosen = images.flatMap(({ name }) => {
      const typed = form.images[imageKey(component, name)]?.trim() ?? ''
      return typed === '' ? [] : [[name, imageReference(name, typed)] as const]
    })
    if (version === '' && chosen.length === 0) return []
    return [
      {
        name: component,
        ...(version === '' ? {} : { version }),
        ...(chosen.length === 0 ? {} : { images: Object.fromEntries(chosen) }),
      },
    ]
  })
}

/** `A-1, https://tickets/2` are two. */
export const parseTickets = (text: string): string[] => [
  ...new Set(
    text
      .split(/[,，、\s]+/)
      .map((word) => word.trim())
      .filter((word) => word !== ''),
  ),
]
