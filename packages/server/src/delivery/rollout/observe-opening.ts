import {
  type Application,
  type FrozenDocument,
  type Known,
  known,
  projectNamespace,
  type Release,
  type Rollout,
  type RolloutDocument,
  unknown,
  workspaceNamespace,
} from '@flotilla/model'
import type { RolloutOpening } from '@flotilla/reconcile'
import type { Person } from '../../access/people.ts'
import type { RolloutDeps } from './deps.ts'
import type { DocumentMemory } from './document-memory.ts'
import { irreversibleOf } from './irreversible-of.ts'

export interface OpeningMemory {
  readonly releases: DocumentMemory<FrozenDocument>
  readonly rollouts: DocumentMemory<RolloutDocument>
}

/** What a rollout is made of when it starts. Unknown while a document cannot be read: it is never taken for an empty one. */
export async function observeOpening(
  deps: Pick<RolloutDeps, 'state' | 'fleet' | 'people'>,
  memory: OpeningMemory,
  { metadata: { namespace = '' }, spec }: Pick<Rollout, 'metadata' | 'spec'>,
): Promise<Known<RolloutOpening>> {
  const { state, fleet } = deps
  const release = state.releases.get(namespace, spec.release)
  const frozen = await loadFrozen(memory, release)
  if (!frozen.known) return frozen
  const of = spec.rollback === undefined ? known(undefined) : await loadRun(deps, memory, namespace, spec.rollback.of)
  if (!of.known) return of
  const application = state.applications.get(namespace, spec.application)
  const hold = application?.spec.hold
  return known({
    release,
    frozen: frozen.value,
    plan: state.plans.get(namespace, spec.plan),
    of: of.value,
    clusterLabels: new Map(fleet.list().map(({ name, labels }) => [name, labels])),
    irreversible: of.value === undefined ? [] : irreversibleOf(of.value.rollout, of.value.document),
    barred: findBar(state, application, spec.application),
    ...(hold === undefined ? {} : { hold: { reason: hold.reason } }),
    approvers: listApprovers(deps, namespace),
  })
}

async function loadFrozen(
  { releases }: OpeningMemory,
  release: Release | undefined,
): Promise<Known<FrozenDocument | undefined>> {
  const digest = release?.status?.frozen?.document
  if (release === undefined || digest === undefined) return known(undefined)
  const found = await releases.get(digest)
  return found === undefined
    ? unknown(`what was frozen as ${release.metadata.name} is no longer stored; freeze a new release`)
    : known(found)
}

async function loadRun(
  { state }: Pick<RolloutDeps, 'state'>,
  { rollouts }: OpeningMemory,
  namespace: string,
  name: string,
): Promise<Known<RolloutOpening['of']>> {
  const rollout = state.rollouts.get(namespace, name)
  const digest = rollout?.status?.snapshot?.document
  if (rollout === undefined || digest === undefined) return known(undefined)
  const document = await rollouts.get(digest)
  return document === undefined
    ? unknown(`what rollout ${name} wrote is no longer stored`)
    : known({ rollout, document })
}

/** Why nothing of an application can go out now. */
function findBar(
  state: Pick<RolloutDeps['state'], 'moves'>,
  application: Application | undefined,
  name: string,
): string | undefined {
  if (application === undefined) return `There is no application ${name}`
  if (application.metadata.deletionTimestamp !== undefined) return `The application ${name} is being removed`
  if (application.spec.mode !== 'governed')
    return `The application ${name} is delivered directly; set spec.mode: governed to deliver it by releases`
  if (application.spec.paused) return `The application ${name} is paused`
  const { move } = application.spec
  if (move === undefined) return undefined
  const phase = state.moves.get(application.metadata.namespace ?? '', move)?.status?.phase
  // while a move prepares the place where it goes, a rollout brings it there
  if (phase !== 'Preparing' && phase !== 'UndoRestoringSource') return `The move ${move} of ${name} is under way`
  return undefined
}

/** Roles that a person has over a project: their own there, and those that reach into it. */
export function rolesIn(person: Person, project: { readonly name: string; readonly workspace: string }): string[] {
  const roles = person.roles.flatMap((granted) => {
    if (granted.scope === 'project') return granted.project === project.name ? [granted.role] : []
    if (granted.scope === 'workspace') return granted.workspace === project.workspace ? [granted.role] : []
    return [granted.role]
  })
  return [...new Set(roles)]
}

/** The project of a host namespace, with its workspace. */
export function placeOf(
  state: Pick<RolloutDeps['state'], 'projects'>,
  namespace: string,
): { name: string; workspace: string } | undefined {
  const project = state.projects.list().find(({ metadata }) => projectNamespace(metadata.name) === namespace)
  if (project === undefined) return undefined
  const workspace = (project.metadata.namespace ?? '').slice(workspaceNamespace('').length)
  return { name: project.metadata.name, workspace }
}

/** More people than this are not counted: one that is among them is enough to say that a plan can be approved. */
const mostApprovers = 5000

function listApprovers(
  { state, people }: Pick<RolloutDeps, 'state' | 'people'>,
  namespace: string,
): RolloutOpening['approvers'] {
  const project = placeOf(state, namespace)
  if (project === undefined) return []
  const found: { userName: string; identity: string; roles: string[] }[] = []
  for (const { metadata } of state.users.list()) {
    const person = people.byName(metadata.name)
    if (person === undefined) continue
    const roles = rolesIn(person, project)
    if (roles.length > 0) found.push({ userName: person.name, identity: person.identity.user, roles })
    if (found.length === mostApprovers) break
  }
  return found
}
