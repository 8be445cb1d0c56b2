import { type Controller, failpoint, type Log } from '@flotilla/engine'
import type { Clock } from '@flotilla/kube'
import {
  asFlotillaError,
  canonicalJson,
  group,
  Move,
  type MoveStatus,
  type Next,
  parseInput,
  retry,
  settled,
  version,
  waiting,
} from '@flotilla/model'
import { reconcileMove } from '@flotilla/reconcile'
import type { FleetConnections } from '../../fleet/connections.ts'
import type { HostState } from '../../fleet/host-state.ts'
import { asKubeObject } from '../as-kube-object.ts'
import { executeMoveEffect } from './execute-move.ts'
import { observeMove } from './observe-move.ts'
import { subscribeMoves } from './subscribe-moves.ts'

export interface MoveControllerDeps {
  readonly state: HostState
  readonly fleet: FleetConnections
  readonly clock: Clock
  readonly log: Log
}

export interface MoveController {
  /** Keys are `namespace/name` of Moves. */
  readonly controller: Controller
  /** Tells the queue which keys to work on, from now on and once for all that are there. */
  subscribe(enqueue: (key: string) => void): () => void
}

/** More than the phases that can follow on each other at once; what is left then comes with the next turn. */
const mostPasses = 20

/** From Moves to what Applications say: observe, decide, write the status, do the effects; again until nothing is left to do. */
export function createMoveController(deps: MoveControllerDeps): MoveController {
  return {
    controller: {
      name: 'move',
      concurrency: 4,
      work: async (key, signal) => {
        // clusters and projects that were not listed yet would look as if they were not there
        await deps.state.synced(signal)
        return work(deps, key, signal)
      },
    },
    subscribe: (enqueue) => subscribeMoves(deps, enqueue),
  }
}

async function work(deps: MoveControllerDeps, key: string, signal: AbortSignal): Promise<Next> {
  const [namespace = '', name = ''] = key.split('/')
  const { host } = deps.fleet
  for (let pass = 0; pass < mostPasses; pass++) {
    const found = await host.find({ group, version, kind: 'Move', namespace, name }, { signal })
    if (found === undefined) return settled
    const move = parseInput(Move, found)
    const observed = await observeMove(deps, move, signal)
    const now = new Date(deps.clock.now()).toISOString()
    const decision = reconcileMove({ object: move, observed, now })
    try {
      await writeStatus(deps, move, decision.status, signal)
      for (const effect of decision.effects) await executeMoveEffect(host, move, effect, observed.application, signal)
    } catch (thrown) {
      signal.throwIfAborted()
      const error = asFlotillaError(thrown)
      if (error.code !== 'kube.conflict') throw error
      // somebody else wrote, the application's own controller most often: all of it is read again
      if (pass > mostPasses / 2) return retry(error.message)
      continue
    }
    if (decision.next.next !== 'waiting' || decision.next.seconds > 0) return decision.next
  }
  return waiting(1, 'there is more to do')
}

async function writeStatus(
  { fleet }: MoveControllerDeps,
  move: Move,
  status: MoveStatus,
  signal: AbortSignal,
): Promise<void> {
  if (canonicalJson(move.status ?? {}) === canonicalJson(status)) return
  const { metadata } = await fleet.host.replaceStatus({ ...asKubeObject(move), status }, { signal })
  move.metadata.resourceVersion = metadata.resourceVersion
  failpoint('move-status-written')
}
