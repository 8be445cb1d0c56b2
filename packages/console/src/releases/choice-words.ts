import type { ReleaseRow } from '@flotilla/api'
import { shortVersion } from '@flotilla/model/short-version'

/** `registry.example/shop/web:1.4.3@sha256:...` as one reads it: `web:1.4.3`; without a tag, the beginning of its digest. */
export function shortImage(image: string): string {
  const [place = '', digest] = image.split('@', 2)
  const name = place.replace(/^.*\//, '')
  return name.includes(':') || digest === undefined ? name : `${name}@${shortVersion(digest)}`
}

/** The same of several that stand for targets that differ: the server writes them one after another. */
export const shortImages = (images: string): string => images.split(', ').map(shortImage).join(', ')

/** What a release chooses, one word for each component: `web 1.5.0`, `api (api:2.1)`. */
export function choiceWords(choices: ReleaseRow['choices']): string[] {
  return choices.map(({ name, version, images = {} }) => {
    const shown = Object.values(images).map(shortImage)
    return [
      name,
      ...(version === undefined ? [] : [shortVersion(version)]),
      ...(shown.length === 0 ? [] : [`(${shown.join(', ')})`]),
    ].join(' ')
  })
}
