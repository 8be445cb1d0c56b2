import { fieldsOf } from './fields-of.ts'
/** What the form owns of whom a project's pods speak with; labels of namespaces stay as they are. */
export interface PeersForm {
  readonly workspace: boolean
  /** Names, separated by commas or spaces. */
  readonly namespaces: string
  /** Networks, the same way. */
  readonly addresses: string
}

export interface NetworkForm {
  readonly isolated: boolean
  readonly from: PeersForm
  readonly egressIsolated: boolean
  readonly to: PeersForm
}

const listOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []

export const parseWords = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '')

export function readNetwork(value: unknown): NetworkForm {
  const network = fieldsOf(value)
  return {
    isolated: network['isolation'] === 'Isolated',
    from: readPeers(network['allowFrom']),
    egressIsolated: network['egress'] === 'Isolated',
    to: readPeers(network['allowTo']),
  }
}

function readPeers(value: unknown): PeersForm {
  const peers = fieldsOf(value)
  return {
    workspace: peers['workspace'] === true,
    namespaces: listOf(peers['namespaces']).join(', '),
    addresses: listOf(peers['addresses']).join(', '),
  }
}

/** `spec.network` with what the form says; undefined where the network is open. What is unchanged stays as it was. */
export function patchNetwork(before: unknown, form: NetworkForm): unknown {
  if (same(readNetwork(before), form)) return before
  if (!form.isolated) return undefined
  const { allowFrom, allowTo, egress: _egress, ...rest } = fieldsOf(before)
  const from = patchPeers(allowFrom, form.from)
  const to = form.egressIsolated ? patchPeers(allowTo, form.to) : undefined
  return {
    ...rest,
    isolation: 'Isolated',
    ...(from === undefined ? {} : { allowFrom: from }),
    ...(form.egressIsolated ? { egress: 'Isolated' } : {}),
    ...(to === undefined ? {} : { allowTo: to }),
  }
}

function patchPeers(before: unknown, form: PeersForm): unknown {
  const { workspace: _workspace, namespaces: _namespaces, addresses: _addresses, ...rest } = fieldsOf(before)
  const [namespaces, addresses] = [parseWords(form.namespaces), parseWords(form.addresses)]
  const peers = {
    ...rest,
    ...(form.workspace ? { workspace: true } : {}),
    ...(namespaces.length === 0 ? {} : { namespaces }),
    ...(addresses.length === 0 ? {} : { addresses }),
  }
  return Object.keys(peers).length === 0 ? undefined : peers
}

const same = (a: NetworkForm, b: NetworkForm): boolean => JSON.stringify(a) === JSON.stringify(b)

export interface PeersFault {
  readonly field: 'namespaces' | 'addresses'
  readonly word: string
}

const namespacePattern = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const networkPattern = /^(\d{1,3}(\.\d{1,3}){3}\/\d{1,2}|[0-9a-f:]*:[0-9a-f:]*\/\d{1,3})$/

/** The first word that cannot be written. */
export function findPeersFault({ namespaces, addresses }: PeersForm): PeersFault | undefined {
  const namespace = parseWords(namespaces).find((word) => !namespacePattern.test(word))
  if (namespace !== undefined) return { field: 'namespaces', word: namespace }
  const address = parseWords(addresses).find((word) => !networkPattern.test(word))
  return address === undefined ? undefined : { field: 'addresses', word: address }
}

export const isNetworkFaulty = ({ isolated, from, egressIsolated, to }: NetworkForm): boolean =>
  isolated && (findPeersFault(from) !== undefined || (egressIsolated && findPeersFault(to) !== undefined))
