import type { Health, HealthState } from '@flotilla/model'
import { quote, readList, readText } from './read-field.ts'

export interface SeenCondition {
  readonly status: string
  readonly reason: string
  readonly message: string
}

/** `status.conditions` by type; what is not a condition is left out. */
export function readConditions(object: unknown): ReadonlyMap<string, SeenCondition> {
  const found = new Map<string, SeenCondition>()
  for (const entry of readList(object, 'status', 'conditions')) {
    const type = readText(entry, 'type')
    if (type === undefined) continue
    found.set(type, {
      status: readText(entry, 'status') ?? 'Unknown',
      reason: readText(entry, 'reason') ?? '',
      message: quote(readText(entry, 'message')),
    })
  }
  return found
}

/** What a condition says, for a person: its message, or its reason where it has none. */
export const conditionText = (condition: SeenCondition): string => condition.message || condition.reason

export const healthy: Health = { state: 'Healthy', message: '' }
export const health = (state: HealthState, message: string): Health => ({ state, message })
