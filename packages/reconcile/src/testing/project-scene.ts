import { type ClusterNetworkPolicy, finalizer, type Known, known, type Project } from '@flotilla/model'
import { type ClusterSight, sightOf } from '../ownership/sights.ts'
import {
  type ProjectCluster,
  type ProjectDecision,
  type ProjectGrant,
  type ProjectObserved,
  ungranted,
} from '../project/observed.ts'
import { reconcileProject } from '../reconcile-project.ts'
import { aProject, away, aWorkspace, FleetWorld, frozen, held, now } from './fleet-world.ts'

export const members = ['east', 'north', 'west'] as const
type Member = (typeof members)[number]

export interface Scene {
  readonly project: Project
  readonly world: FleetWorld
  readonly connection: Record<Member, 'connected' | 'connecting' | 'lost'>
  readonly seen: Record<Member, boolean>
  readonly removing: readonly Member[]
  readonly applications: readonly string[]
  readonly delivered: ReadonlySet<string>
  /** What an inspection of a namespace finds, by `cluster/namespace`. */
  readonly foreign: ReadonlySet<string>
  readonly hostSeen: boolean
  readonly grant: ProjectGrant
  /** What was measured of the clusters' networks. */
  readonly networkPolicy: Partial<Record<Member, ClusterNetworkPolicy>>
}

function observe(scene: Scene, answers: ReadonlyMap<string, readonly string[]>): ProjectObserved {
  const clusters = members.map((name): ProjectCluster => ({
    name,
    labels: { region: name },
    removing: scene.removing.includes(name),
    connection: { state: scene.connection[name], reason: 'because' },
    networkPolicy: scene.networkPolicy[name],
  }))
  const sight = (name: Member): Known<ClusterSight> =>
    scene.seen[name] && scene.connection[name] === 'connected'
      ? known(sightOf('member', scene.world.of(name).sight()))
      : away
  return frozen({
    workspace: known(aWorkspace()),
    rivals: [],
    clusters: known(clusters),
    host: scene.hostSeen ? known(sightOf('host', scene.world.host.sight())) : away,
    members: new Map(members.map((name) => [name, sight(name)])),
    applications: known(scene.applications),
    delivered: known(scene.delivered),
    foreign: answers,
    unsettled: new Set<string>(),
    grant: scene.grant,
  })
}

export const decide = (scene: Scene, answers: ReadonlyMap<string, readonly string[]> = new Map()): ProjectDecision =>
  reconcileProject({ object: frozen(scene.project), observed: observe(scene, answers), now })

/** Does what the controller does. Gives whether anything was changed by it. */
export function execute(
  scene: Scene,
  decision: ProjectDecision,
  answers: Map<string, readonly string[]>,
): { scene: Scene; changes: number } {
  const { world } = scene
  let { project } = scene
  let changes = world.applyAll(decision.objects)
  for (const effect of decision.effects) {
    changes++
    switch (effect.kind) {
      case 'addFinalizer':
        project = withFinalizers(project, [finalizer])
        break
      case 'removeFinalizer':
        project = withFinalizers(project, [])
        break
      case 'createNamespace':
        if (!world.of(effect.cluster).namespaces.has(effect.object.metadata.name))
          world.of(effect.cluster).apply(effect.object)
        break
      case 'inspectNamespace':
        answers.set(effect.key, scene.foreign.has(`${effect.cluster}/${effect.namespace}`) ? ['Deployment others'] : [])
        break
      case 'deleteNamespace':
        world.of(effect.cluster).deleteNamespace(effect.namespace, effect.uid)
        break
      case 'releaseNamespace':
        world.of(effect.cluster).releaseNamespace(effect.namespace, effect.uid)
        break
      case 'prune':
        world.of(effect.cluster).prune(effect.object)
        break
      case 'recordLeft':
        break
      default:
        effect satisfies never
    }
  }
  if (JSON.stringify(project.status) !== JSON.stringify(decision.status)) changes++
  return { scene: { ...scene, project: { ...project, status: decision.status } }, changes }
}

/** Decides and executes until nothing changes any more. */
export function settle(scene: Scene): Scene {
  const answers = new Map<string, readonly string[]>()
  let current = scene
  for (let pass = 0; pass < 12; pass++) {
    const step = execute(current, decide(current, answers), answers)
    current = step.scene
    if (step.changes === 0) return current
    if (
      step.scene.project.metadata.finalizers?.length === 0 &&
      step.scene.project.metadata.deletionTimestamp !== undefined
    )
      return current
  }
  throw new Error('it does not settle')
}

export const sceneOf = (fields: Partial<Scene> = {}): Scene => ({
  project: aProject('shop', {}, held),
  world: new FleetWorld(members),
  connection: { east: 'connected', north: 'connected', west: 'connected' },
  seen: { east: true, north: true, west: true },
  removing: [],
  applications: [],
  delivered: new Set(),
  foreign: new Set(),
  hostSeen: true,
  grant: ungranted,
  networkPolicy: {},
  ...fields,
})

const withFinalizers = (project: Project, finalizers: string[]): Project => ({
  ...project,
  metadata: { ...project.metadata, finalizers },
})
