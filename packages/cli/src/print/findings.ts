import type { PlanCheck } from '@flotilla/api'
import type { Io } from '../io.ts'
import { paint } from './colour.ts'
import { neutraliseLine } from './neutralise.ts'

type Finding = PlanCheck['findings'][number]
const colours = { Error: 'red', Warning: 'yellow', Info: undefined } as const

/** `Error: web in east: what is so (field)`, one line. */
export function findingText(io: Pick<Io, 'colour'>, { severity, component, cluster, message, field }: Finding): string {
  const where = [component, cluster].filter((one) => one !== undefined).join(' in ')
  const at = field === undefined || message.includes(field) ? '' : ` (${field})`
  return `${paint(io, colours[severity], `${severity}:`)} ${neutraliseLine(`${where === '' ? '' : `${where}: `}${message}${at}`)}`
}

export const hasErrors = (findings: readonly Finding[]): boolean =>
  findings.some(({ severity }) => severity === 'Error')
