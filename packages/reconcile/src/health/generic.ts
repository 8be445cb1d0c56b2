import type { Health, KubeObject } from '@flotilla/model'
import { conditionText, health, healthy, readConditions } from './conditions.ts'

/** Conditions that say, when they are not True, that the object does not do yet what it is there for. */
const notYet = ['Ready', 'Available', 'Synced'] as const
/** Conditions that say, when they are False, that somebody has to change the object (Gateway API among others). */
const refused = ['Accepted', 'Programmed', 'ResolvedRefs'] as const

/** kstatus, "abnormal-true" conditions first, then `Ready`; for every kind without a rule of its own. */
export function genericHealth(object: KubeObject): Health {
  const conditions = readConditions(object)
  const stalled = conditions.get('Stalled')
  if (stalled?.status === 'True') return health('Failed', conditionText(stalled))
  const degraded = conditions.get('Degraded')
  if (degraded?.status === 'True') return health('Degraded', conditionText(degraded))
  const reconciling = conditions.get('Reconciling')
  if (reconciling?.status === 'True') return health('Progressing', conditionText(reconciling))
  for (const type of refused) {
    const condition = conditions.get(type)
    if (condition?.status === 'False') return health('Degraded', `${type} is False: ${conditionText(condition)}`)
  }
  for (const type of notYet) {
    const condition = conditions.get(type)
    if (condition !== undefined && condition.status !== 'True') {
      return health('Progressing', `${type} is ${condition.status}: ${conditionText(condition)}`)
    }
  }
  return healthy
}
