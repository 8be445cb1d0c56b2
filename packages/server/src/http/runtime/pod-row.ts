import type { PodRow } from '@flotilla/api'
import type { KubeObject } from '@flotilla/model'
import { z } from 'zod'

const State = z.looseObject({
  waiting: z.looseObject({ reason: z.string().optional() }).optional(),
  running: z.looseObject({}).optional(),
  terminated: z
    .looseObject({ exitCode: z.number(), reason: z.string().optional(), finishedAt: z.string().optional() })
    .optional(),
})
const ContainerStatus = z.looseObject({
  name: z.string(),
  image: z.string().default(''),
  ready: z.boolean().default(false),
  restartCount: z.number().default(0),
  state: State.optional(),
  lastState: State.optional(),
})
/** The part of a Pod that is shown; everything else may look as it likes. */
const Pod = z.looseObject({
  spec: z
    .looseObject({
      nodeName: z.string().optional(),
      containers: z.array(z.looseObject({ name: z.string(), image: z.string().default('') })).default([]),
    })
    .default({ containers: [] }),
  status: z
    .looseObject({
      phase: z.string().default('Unknown'),
      reason: z.string().optional(),
      containerStatuses: z.array(ContainerStatus).default([]),
    })
    .default({ phase: 'Unknown', containerStatuses: [] }),
})

export function podRow(object: KubeObject, cluster: string, namespace: string): PodRow {
  const { spec, status } = Pod.parse(object)
  const statuses = new Map(status.containerStatuses.map((one) => [one.name, one]))
  const containers = spec.containers.map(({ name, image }) => {
    const seen = statuses.get(name)
    const last = seen?.lastState?.terminated
    return {
      name,
      image,
      ready: seen?.ready ?? false,
      restarts: seen?.restartCount ?? 0,
      state: stateText(seen?.state),
      ...(last === undefined
        ? {}
        : { lastExit: { code: last.exitCode, reason: last.reason ?? '', at: last.finishedAt } }),
    }
  })
  const waiting = status.containerStatuses
    .map((one) => one.state?.waiting?.reason)
    .find((reason) => reason !== undefined)
  return {
    cluster,
    namespace,
    name: object.metadata.name,
    phase: object.metadata.deletionTimestamp === undefined ? status.phase : 'Terminating',
    reason: waiting ?? status.reason,
    ready: containers.filter((one) => one.ready).length,
    containers,
    restarts: containers.reduce((sum, one) => sum + one.restarts, 0),
    node: spec.nodeName,
    createdAt: object.metadata.creationTimestamp,
  }
}

function stateText(state: z.infer<typeof State> | undefined): string {
  if (state?.running !== undefined) return 'Running'
  if (state?.terminated !== undefined)
    return `${state.terminated.reason ?? 'Terminated'} (exit code ${state.terminated.exitCode})`
  return state?.waiting?.reason ?? 'Waiting'
}
