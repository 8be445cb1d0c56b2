import type { Health, KubeObject } from '@flotilla/model'
import { conditionText, health, healthy, readConditions } from './conditions.ts'
import { readField, readNumber } from './read-field.ts'

export function jobHealth(object: KubeObject): Health {
  const conditions = readConditions(object)
  for (const type of ['Failed', 'FailureTarget']) {
    const failed = conditions.get(type)
    if (failed?.status === 'True') return health('Failed', `the job failed: ${conditionText(failed)}`)
  }
  if (conditions.get('Complete')?.status === 'True') return healthy
  if (readField(object, 'spec', 'suspend') === true) return health('Suspended', 'the job is suspended')
  const wanted = readNumber(object, 'spec', 'completions') ?? 1
  const succeeded = readNumber(object, 'status', 'succeeded') ?? 0
  const failed = readNumber(object, 'status', 'failed') ?? 0
  const tries = failed === 0 ? '' : `; ${failed} ${failed === 1 ? 'pod' : 'pods'} failed so far`
  return health('Progressing', `${succeeded} of ${wanted} completed${tries}`)
}

export function cronJobHealth(object: KubeObject): Health {
  return readField(object, 'spec', 'suspend') === true ? health('Suspended', 'its schedule is suspended') : healthy
}
