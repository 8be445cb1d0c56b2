import type { HealthState } from '@flotilla/model'
import { quote, readNumber, readText } from './read-field.ts'

export interface Trouble {
  readonly state: Extract<HealthState, 'Degraded' | 'Failed'>
  readonly message: string
}

/** What is wrong with one container by its status (`containerStatuses[]`), in words that say what to do. */
export function containerTrouble(status: unknown): Trouble | undefined {
  const name = readText(status, 'name') ?? '?'
  const reason = readText(status, 'state', 'waiting', 'reason')
  const said = readText(status, 'state', 'waiting', 'message')
  switch (reason) {
    case 'ErrImagePull':
    case 'ImagePullBackOff':
    case 'RegistryUnavailable':
    case 'ImageInspectError':
      return { state: 'Degraded', message: imageTrouble(readText(status, 'image'), said) }
    case 'InvalidImageName':
      return { state: 'Failed', message: `image ${readText(status, 'image') ?? '?'} is not a valid name` }
    case 'ErrImageNeverPull':
      return {
        state: 'Failed',
        message: `image ${readText(status, 'image') ?? '?'} is not on the node, and its pull policy is Never`,
      }
    case 'CrashLoopBackOff':
      return { state: 'Degraded', message: crash(name, status) }
    case 'CreateContainerConfigError':
      return { state: 'Degraded', message: `container ${name} cannot be configured: ${quote(said)}` }
    case 'CreateContainerError':
    case 'RunContainerError':
    case 'PostStartHookError':
      return { state: 'Degraded', message: `container ${name} cannot be started: ${quote(said)}` }
    case undefined:
    default:
      break
  }
  const code = readNumber(status, 'state', 'terminated', 'exitCode')
  // between two tries of a crashing container
  return code !== undefined && code !== 0 ? { state: 'Degraded', message: crash(name, status) } : undefined
}

function crash(name: string, status: unknown): string {
  const last =
    readNumber(status, 'state', 'terminated', 'exitCode') === undefined
      ? ['lastState', 'terminated']
      : ['state', 'terminated']
  const restarts = readNumber(status, 'restartCount') ?? 0
  const times = restarts === 0 ? '' : `, restarted ${restarts === 1 ? 'once' : `${restarts} times`}`
  if (readText(status, ...last, 'reason') === 'OOMKilled') return `container ${name} ran out of memory${times}`
  const code = readNumber(status, ...last, 'exitCode')
  const said = quote(readText(status, ...last, 'message'))
  const why = code === undefined ? 'crashes' : `crashes with exit code ${code}`
  return `container ${name} ${why}${times}${said === '' ? '' : `: ${said}`}`
}

/** What container runtimes say of a failed pull, sorted by what a person does about it. */
const pullReasons: readonly (readonly [RegExp, string])[] = [
  [/not ?found|manifest unknown|does not exist|name unknown/i, 'not found'],
  [
    /unauthorized|forbidden|denied|authentication required|\b40[13]\b/i,
    'refused by the registry: check the pull secret',
  ],
  [/x509|certificate|tls:/i, 'cannot be pulled: the registry shows a certificate that the node does not trust'],
  [
    /timeout|timed out|no such host|connection refused|no route|unreachable|i\/o|EOF/i,
    'cannot be pulled: the registry does not answer',
  ],
]

function imageTrouble(image: string | undefined, said: string | undefined): string {
  const why = pullReasons.find(([pattern]) => pattern.test(said ?? ''))?.[1]
  if (why !== undefined) return `image ${image ?? '?'} ${why}`
  return `image ${image ?? '?'} cannot be pulled: ${quote(said) || 'the node gives no reason'}`
}
