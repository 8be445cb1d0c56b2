import { catalogue, FlotillaError, type ErrorCode, type KubeObject } from '@flotilla/model'
import type { ChartIdentity, Finding, HelmHookRecord, JsonObject, LookupQuery } from '../types.ts'

/** One line of the worker (native/helm-worker/protocol.go). */
export interface WorkerAnswer {
  id: number
  item?: unknown
  lookup?: unknown
  result?: unknown
  error?: WorkerError
}

export interface WorkerError {
  code: string
  message: string
  remedy?: string
  field?: string
}

export interface WorkerVersion {
  protocol: string
  helm: string
  kustomize: string
  isolation: { network: boolean; files: boolean }
  installOrder: string[]
  apiVersions: string[]
}

/** An object, or a piece of a long text. */
export type RenderItem =
  | { type: 'object' | 'crd'; origin: string; object: KubeObject }
  | { type: 'hook'; origin: string; object: KubeObject; hook: number }
  | { type: 'manifest' | 'notes'; text: string }

export interface RenderAnswer {
  hooks: HelmHookRecord[]
  chart: ChartIdentity
  lookups: LookupQuery[] | null
  findings: Finding[]
}

export interface ObjectsAnswer {
  findings: Finding[]
}

export interface DecodedRelease {
  name: string
  namespace: string
  version: number
  status: string
  firstDeployed: string
  lastDeployed: string
  deleted: string
  description: string
  applyMethod: string
  labels: Record<string, string>
  chart: ChartIdentity
  manifest: string
  notes: string
  values: JsonObject
  hooks: HelmHookRecord[]
}

export function parseWorkerError(error: WorkerError): FlotillaError {
  const code: ErrorCode = error.code in catalogue ? (error.code as ErrorCode) : 'render.failed'
  return new FlotillaError(code, { message: error.message, remedy: error.remedy, field: error.field })
}
