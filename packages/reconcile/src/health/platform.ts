import type { Health, KubeObject } from '@flotilla/model'
import { conditionText, health, healthy, readConditions } from './conditions.ts'
import { readText } from './read-field.ts'

export function crdHealth(object: KubeObject): Health {
  const conditions = readConditions(object)
  const names = conditions.get('NamesAccepted')
  if (names?.status === 'False') return health('Failed', `its names are taken: ${conditionText(names)}`)
  const established = conditions.get('Established')
  if (established?.status === 'True') return healthy
  return health('Progressing', 'the API server does not serve it yet')
}

export function apiServiceHealth(object: KubeObject): Health {
  const available = readConditions(object).get('Available')
  if (available?.status === 'True') return healthy
  if (available === undefined) return health('Progressing', 'the API server has not looked at it yet')
  return health('Degraded', `its API does not answer: ${conditionText(available)}`)
}

export function namespaceHealth(object: KubeObject): Health {
  return readText(object, 'status', 'phase') === 'Terminating' ? health('Progressing', 'is being deleted') : healthy
}
