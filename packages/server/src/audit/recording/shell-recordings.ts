import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type Clock, notTapped } from '@flotilla/kube'
import { FlotillaError, type ShellRecording } from '@flotilla/model'
import type { Person } from '../../access/people.ts'
import type { HostState } from '../../fleet/host-state.ts'
import type { RecordingStore } from '../../store/recording-store.ts'
import type { AuditedExchange } from '../audit-exchange.ts'
import { type KubeRequest, parseKubeRequest } from '../kube-request.ts'
import type { Places } from '../places.ts'
import { type RecordingLimits, recordShell, type ShellRecorder } from './record-shell.ts'
import { isKubeletShell, shellAsked } from './shell-policy.ts'

export interface ShellRecordings {
  /**
   * How this exec or attach is to be recorded; undefined: not at all. Refused (`input.invalid`, `auth.forbidden`) is what
   * would have to be recorded and cannot be read; the recorder itself fails (`store.unavailable`) when it cannot be written.
   */
  of(asked: {
    readonly request: Pick<IncomingMessage, 'method' | 'headers'>
    readonly path: string
    readonly cluster: string | undefined
    readonly person: Person
    readonly audited: AuditedExchange | undefined
  }): (() => Promise<ShellRecorder>) | undefined
}

export interface ShellRecordingsParts {
  readonly store: RecordingStore
  readonly state: Pick<HostState, 'projects' | 'workspaces'>
  readonly places: Places
  readonly clock: Pick<Clock, 'now' | 'elapsed'>
  readonly platform: ShellRecording | undefined
  readonly limits: RecordingLimits | undefined
}

/** Which shells are recorded, by what platform, workspace and project ask for. */
export function createShellRecordings(parts: ShellRecordingsParts): ShellRecordings {
  const { store, state, places, clock, platform, limits } = parts
  return {
    of: ({ request, path, cluster, person, audited }) => {
      const asked = parseKubeRequest(request.method ?? 'GET', path)
      if (platform !== undefined && platform !== 'Never' && isKubeletShell(asked, path)) throw pastRecording()
      const namespace = asked?.namespace
      const place =
        namespace === undefined
          ? {}
          : cluster === undefined
            ? places.ofHost(namespace)
            : places.ofMember(cluster, namespace)
      const shell = shellAsked(asked, place, state, platform)
      if (asked === undefined || shell === undefined) return undefined
      const { upgrade } = request.headers
      return async () => {
        const id = audited?.request ?? randomUUID()
        const title = titleOf(person, cluster, asked)
        const recorder = await recordShell({ store, id, asked: shell, place, title, clock, limits })
        // where nothing can be written that is said, and not that another client would help
        if (upgrade !== undefined && upgrade.toLowerCase() !== 'websocket') {
          await recorder.finish(false)
          throw notTapped()
        }
        audited?.says({ recorded: shell.record, recording: id })
        return recorder
      }
    },
  }
}

function titleOf({ name }: Person, cluster: string | undefined, asked: KubeRequest): string {
  const container = asked.query.get('container')
  const where = [cluster ?? 'host', asked.namespace, asked.name, container]
  return `${name} in ${where.filter((part) => part !== null && part !== undefined).join(' / ')}`.slice(0, 500)
}

const pastRecording = (): FlotillaError =>
  new FlotillaError('auth.forbidden', {
    message: 'Shells are recorded on this platform, which the way through the proxy of a node would pass by',
    remedy: 'Use kubectl exec, or the terminal of the console',
  })
