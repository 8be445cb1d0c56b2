import { type ShellRecording, strictestRecording } from '@flotilla/model'
import type { HostState } from '../../fleet/host-state.ts'
import type { KubeRequest } from '../kube-request.ts'
import type { Place } from '../places.ts'

/** What of an exec or attach is recorded. */
export interface ShellAsked {
  readonly record: Exclude<ShellRecording, 'Never'>
  /** With a terminal it is shown on one channel; without, what is typed comes from a program or a file. */
  readonly terminal: boolean
}

type PolicyState = Pick<HostState, 'projects' | 'workspaces'>

/** As Kubernetes reads a query: everything but these is true, the empty text as well. Of several values any counts. */
const says = (query: URLSearchParams, name: string): boolean =>
  query.getAll(name).some((value) => value !== '0' && value.toLowerCase() !== 'false')

/**
 * Whether somebody works in a container with it: with a terminal, or by what is sent into it. A command that takes no
 * input is in the audit whole.
 */
export function isShell({ group, resource, subresource, query }: KubeRequest): boolean {
  if (group !== '' || resource !== 'pods' || (subresource !== 'exec' && subresource !== 'attach')) return false
  return says(query, 'tty') || says(query, 'stdin')
}

/** What platform, workspace and project ask for together: each may ask for more, none for less. */
export function recordingIn(
  { project, workspace }: Place,
  state: PolicyState,
  platform: ShellRecording | undefined,
): ShellRecording {
  const ofWorkspace = workspace === undefined ? undefined : state.workspaces.get('', workspace)?.spec.shells?.record
  const ofProject =
    project === undefined || workspace === undefined
      ? undefined
      : state.projects.get(`ws-${workspace}`, project)?.spec.shells?.record
  return strictestRecording([platform, ofWorkspace, ofProject])
}

/** Undefined where nothing is recorded. */
export function shellAsked(
  asked: KubeRequest | undefined,
  place: Place,
  state: PolicyState,
  platform: ShellRecording | undefined,
): ShellAsked | undefined {
  if (asked === undefined || !isShell(asked)) return undefined
  const record = recordingIn(place, state, platform)
  return record === 'Never' ? undefined : { record, terminal: says(asked.query, 'tty') }
}

const kubelets = /^(?:exec|attach|run|cri)$/

/** A way around: the kubelet's own exec, through the proxy of its node. It belongs to no project. */
export function isKubeletShell(asked: KubeRequest | undefined, path: string): boolean {
  if (asked?.group !== '' || asked.resource !== 'nodes' || asked.subresource !== 'proxy') return false
  const [pathname = ''] = path.split('?', 1)
  return pathname.split('/').some((part) => kubelets.test(decoded(part)))
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
