import type { KubeClient } from '@flotilla/kube'
import { FlotillaError } from '@flotilla/model'
import type { StepInHand } from '@flotilla/reconcile'
import { memberClient } from '../../migration/begin-migration.ts'
import type { StepContext, StepDeps } from './step-runner.ts'

/** The member that a step runs in, as the project's delivery group. Errors: `cluster.unreachable` while it cannot be asked. */
export function memberOfStep(
  { fleet }: Pick<StepDeps, 'fleet'>,
  { place: { cluster } }: Pick<StepInHand, 'place'>,
  { project }: Pick<StepContext, 'project'>,
): KubeClient {
  const client = memberClient(fleet, cluster, project.uid)
  if (client.known) return client.value
  throw new FlotillaError('cluster.unreachable', {
    message: client.reason,
    remedy: 'It goes on when the cluster is back',
  })
}
