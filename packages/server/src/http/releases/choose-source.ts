import { type Delivery, FlotillaError } from '@flotilla/model'
import type { HostState } from '../../fleet/host-state.ts'

interface Wanted {
  readonly cluster?: string | undefined
  readonly namespace?: string | undefined
  readonly environment?: string | undefined
}

/** The one target whose versions are taken over. Errors: `input.invalid` where none, or several with different content, match. */
export function chooseSource(
  state: Pick<HostState, 'deliveries'>,
  namespace: string,
  application: string,
  wanted: Wanted,
): Delivery {
  const found = state.deliveries.list(namespace).filter(({ spec: { application: of, target, desired } }) => {
    if (of.name !== application || desired === undefined) return false
    if (wanted.cluster !== undefined && target.cluster !== wanted.cluster) return false
    if (wanted.namespace !== undefined && target.namespace !== wanted.namespace) return false
    return wanted.environment === undefined || target.environment === wanted.environment
  })
  const [first] = found
  const said = Object.values(wanted).filter(Boolean).join('/')
  if (first === undefined)
    throw new FlotillaError('input.invalid', {
      message: `${application} runs in no target that is ${said === '' ? 'known' : said}`,
      field: 'copyFrom',
      value: said,
      remedy: `See where it runs: flotilla status ${application}`,
    })
  const releases = new Set(found.map(({ spec }) => spec.desired?.release ?? spec.desired?.digest))
  if (releases.size > 1)
    throw new FlotillaError('input.invalid', {
      message: `Targets of ${said === '' ? application : said} run different versions: ${found
        .map(({ spec }) => spec.target.cluster)
        .slice(0, 5)
        .join(', ')}`,
      field: 'copyFrom',
      value: said,
      remedy: 'Name the one cluster whose versions are to be taken over',
    })
  return first
}
