import type { MoveRow } from '@flotilla/api'
import type { Text } from '../i18n/text.ts'

/** More places than this are counted. */
const mostNamed = 3

/** The places that a move leaves, or goes to, for a person; its own name before it is known what goes where. */
export function movePlaces(
  { pairs, name }: Pick<MoveRow, 'pairs' | 'name'>,
  side: 'from' | 'to',
  { t, f }: Text,
): string {
  const places = pairs.map((pair) => `${pair[side].cluster}/${pair[side].namespace}`)
  if (places.length === 0) return name
  const named = f.list(places.slice(0, mostNamed))
  return places.length <= mostNamed ? named : `${named} ${t.moves.more(places.length - mostNamed)}`
}
