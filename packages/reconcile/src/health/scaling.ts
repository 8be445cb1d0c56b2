import type { Health, KubeObject } from '@flotilla/model'
import { conditionText, health, healthy, readConditions } from './conditions.ts'
import { readNumber } from './read-field.ts'

export function autoscalerHealth(object: KubeObject): Health {
  const conditions = readConditions(object)
  const able = conditions.get('AbleToScale')
  if (able?.status === 'False') return health('Degraded', `it cannot scale: ${conditionText(able)}`)
  const active = conditions.get('ScalingActive')
  // scaled to zero by hand: autoscaling is off until somebody scales it up
  if (active?.reason === 'ScalingDisabled') return health('Suspended', conditionText(active))
  if (active?.status === 'False') return health('Degraded', `it cannot work out a size: ${conditionText(active)}`)
  return healthy
}

export function disruptionBudgetHealth(object: KubeObject): Health {
  const wanted = readNumber(object, 'status', 'desiredHealthy')
  const seen = readNumber(object, 'status', 'currentHealthy')
  if (wanted === undefined || seen === undefined)
    return health('Progressing', 'its controller has not looked at it yet')
  return seen < wanted ? health('Degraded', `${seen} of at least ${wanted} pods are healthy`) : healthy
}
