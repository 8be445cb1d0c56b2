import type { ApiClient, ReleaseDetail, RolloutDetail, RolloutTargetView } from '@flotilla/api'
import { asFlotillaError } from '@flotilla/model/errors'
import { shortVersion } from '@flotilla/model/short-version'
import type { Io } from '../io.ts'
import { fold } from '../print/fold.ts'
import { neutraliseLine } from '../print/neutralise.ts'
import { componentsText, targetName } from '../print/release-text.ts'
import { table } from '../print/table.ts'

interface RollbackChoice {
  /** All when absent. */
  readonly stages: readonly string[] | undefined
  readonly targets: readonly { readonly cluster: string; readonly namespace: string }[] | undefined
  readonly force: boolean
}

/** What a rollback would write and what it cannot undo, before it begins; to standard error. */
export async function showRollback(
  io: Io,
  api: ApiClient,
  detail: RolloutDetail,
  { stages, targets, force }: RollbackChoice,
): Promise<void> {
  const wanted = targets === undefined ? undefined : new Set(targets.map(targetName))
  const release = await releaseOf(io, api, detail)
  const affected = detail.stages
    .filter(({ name }) => stages?.includes(name) !== false)
    .flatMap((stage) => stage.targets)
    .filter((target) => wanted?.has(targetName(target)) !== false && isChanged(target, release))
  const { project, name, irreversible } = detail
  io.err(neutraliseLine(`What ${project}/${name} changed goes back, configuration and images together:`) + '\n')
  const components = componentsText(io, (release?.components ?? []).map(turnRound))
  if (components !== '') io.err(`${components}\n`)
  const { shown, more } = fold(affected)
  const rows = shown.map((target) => [targetName(target), target.stage, target.phase, goesBackTo(target, release)])
  if (rows.length > 0) io.err(table(io, ['TARGET', 'STAGE', 'IS', 'GOES BACK TO'], rows))
  if (more > 0) io.err(`and ${more} more: flotilla rollout status ${project}/${name}\n`)
  if (rows.length === 0) io.err('No target has anything of it, as far as is seen.\n')
  if (irreversible.length === 0) return io.err('No migration of it stands in the way; a rollback runs none.\n')
  const way = force ? 'it is forced past them' : 'it is refused without --force'
  io.err(neutraliseLine(`Migrations that cannot be taken back: ${irreversible.join(', ')}; ${way}`) + '\n')
}

const before: ReadonlySet<string> = new Set(['Pending', 'PreHooks', 'RolledBack'])
/** Something of the run may be there, also what an earlier run of the same release brought. */
function isChanged(target: RolloutTargetView, release: ReleaseDetail | undefined): boolean {
  if (target.digest === target.before) return false
  return !before.has(target.phase) || rowOf(target, release)?.running === target.digest
}

const rowOf = ({ cluster, namespace }: RolloutTargetView, release: ReleaseDetail | undefined) =>
  release?.targetList.find((target) => target.cluster === cluster && target.namespace === namespace)

function goesBackTo(target: RolloutTargetView, release: ReleaseDetail | undefined) {
  const { before: digest } = target
  if (digest === undefined) return 'nothing: it had nothing'
  const had = rowOf(target, release)
  const name = had?.baseline === digest ? had.baselineRelease : undefined
  return name === undefined ? shortVersion(digest) : `${name} (${shortVersion(digest)})`
}

type Change = ReleaseDetail['components'][number]
const turnRound = ({ component, definition, images }: Change): Change => ({
  component,
  definition: { before: definition.after, after: definition.before },
  images: images.map((one) => ({ image: one.image, before: one.after, after: one.before })),
})

/** A run may outlive its release: then digests are all that is known. */
async function releaseOf(io: Io, api: ApiClient, { project, release }: RolloutDetail) {
  try {
    return await api.releases.get({ params: { project, release }, signal: io.signal })
  } catch (thrown) {
    if (asFlotillaError(thrown).code === 'request.not_found') return undefined
    throw thrown
  }
}
