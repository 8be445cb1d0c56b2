import type { Sentence } from '@flotilla/api'
import type { Text } from '../i18n/text.ts'

/** More clusters than this are counted, not named. */
const mostNamed = 3

/** The headline of a status sentence in the reader's language. */
export function computeHeadline(sentence: Pick<Sentence, 'code' | 'clusters' | 'component'>, { t, f }: Text): string {
  const { code, clusters } = sentence
  // healthy speaks of every target: naming them all says less
  const where =
    code === 'healthy'
      ? ''
      : clusters.length > mostNamed
        ? t.sentence.severalClusters(clusters.length)
        : f.list(clusters)
  return t.sentence.headline[code](where)
}
