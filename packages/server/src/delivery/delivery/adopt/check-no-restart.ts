import { FlotillaError, refText } from '@flotilla/model'
import type { PreviewQuestion } from '../../application/index.ts'
import type { AdoptDeps } from './adopt-deps.ts'

/** Pods are restarted by a change of their template, and by nothing else that an apply does. */
const restarts = /^spec\.(template|jobTemplate|volumeClaimTemplates|selector)\b/

/** What else would change, in words; refuses (`request.conflict`) where a pod would be restarted. */
export async function checkNoRestart(
  { preview }: AdoptDeps,
  check: Omit<PreviewQuestion, 'against'>,
): Promise<string[]> {
  const { items, failures, findings } = await preview({ ...check, against: 'live' })
  const [failure] = failures
  if (failure !== undefined) throw new FlotillaError('cluster.unreachable', { message: failure.reason })
  const wrong = findings.find(({ severity }) => severity === 'Error')
  if (wrong !== undefined) throw new FlotillaError('input.invalid', { message: wrong.message, field: wrong.field })
  const restarting = items.filter(
    ({ ref, change, paths }) =>
      change === 'changed' && (ref.kind === 'Pod' || paths.some((path) => restarts.test(path))),
  )
  if (restarting.length > 0) {
    const shown = restarting.slice(0, 3).map(({ ref, diff }) => `${refText(ref)}:\n${diff.slice(0, longestDiff)}`)
    throw new FlotillaError('request.conflict', {
      message: `Taking it over would restart pods, because what would be delivered differs from what runs:\n${shown.join('\n')}`,
      remedy: 'Bring what runs in line with its chart or manifest first, then take it over',
    })
  }
  return items.map(
    ({ ref, change, paths }) =>
      `${refText(ref)}: ${change}${paths.length === 0 ? '' : ` at ${paths.slice(0, 5).join(', ')}`}`,
  )
}

const longestDiff = 1500
