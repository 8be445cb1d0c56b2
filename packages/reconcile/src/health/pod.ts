import type { Health, KubeObject } from '@flotilla/model'
import { conditionText, health, healthy, readConditions } from './conditions.ts'
import { containerTrouble } from './container-trouble.ts'
import { quote, readField, readList, readText } from './read-field.ts'

export function podHealth(object: KubeObject): Health {
  const phase = readText(object, 'status', 'phase')
  if (phase === 'Succeeded') return healthy
  if (phase === 'Failed') return health('Failed', failureText(object))
  const conditions = readConditions(object)
  const scheduled = conditions.get('PodScheduled')
  if (scheduled?.status === 'False') {
    // a gate is somebody's wish to hold the pod back
    if (scheduled.reason === 'SchedulingGated') return health('Suspended', 'held back by its scheduling gates')
    return health('Degraded', `no node takes it: ${conditionText(scheduled)}`)
  }
  for (const list of ['initContainerStatuses', 'containerStatuses']) {
    for (const status of readList(object, 'status', list)) {
      const trouble = containerTrouble(status)
      if (trouble !== undefined) return trouble
    }
  }
  if (conditions.get('Ready')?.status === 'True') return healthy
  return health('Progressing', waitingText(object, phase))
}

function failureText(object: KubeObject): string {
  const reason = readText(object, 'status', 'reason')
  const said = quote(readText(object, 'status', 'message'))
  if (reason !== undefined) return said === '' ? reason : `${reason}: ${said}`
  for (const status of readList(object, 'status', 'containerStatuses')) {
    const trouble = containerTrouble(status)
    if (trouble !== undefined) return trouble.message
  }
  return said === '' ? 'the pod failed' : said
}

function waitingText(object: KubeObject, phase: string | undefined): string {
  if (phase === 'Running') {
    const waits = readList(object, 'status', 'containerStatuses').find((status) => readField(status, 'ready') !== true)
    return `container ${readText(waits, 'name') ?? '?'} runs and is not ready yet`
  }
  const init = readList(object, 'status', 'initContainerStatuses').find(
    (status) => readField(status, 'state', 'running') !== undefined,
  )
  return init === undefined ? 'its containers are being made' : `init container ${readText(init, 'name') ?? '?'} runs`
}
