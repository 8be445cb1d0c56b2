import type { Clock, KubeClient } from '@flotilla/kube'
import {
  asFlotillaError,
  crdOf,
  fieldManager,
  FlotillaError,
  kinds,
  type KubeObject,
  labels,
  refText,
  refOf,
  systemNamespace,
} from '@flotilla/model'
import { admissionPolicies } from './admission-policies.ts'
import { hostRoles } from './host-roles.ts'

export interface InstallOptions {
  readonly host: KubeClient
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** ValidatingAdmissionPolicy is there from this minor version on. */
const oldestHostMinor = 30
const establishedMs = 30_000
const lookMs = 150

/**
 * Puts into the host what Flotilla stands on: its kinds, its namespace, the roles of people and the rules of admission.
 * Safe to repeat, and what somebody changed there is put right.
 */
export async function installPlatform(options: InstallOptions): Promise<void> {
  const { host, signal } = options
  const { major, minor, gitVersion } = await host.serverVersion({ signal })
  if (Number(major) === 1 && Number.parseInt(minor, 10) < oldestHostMinor) {
    throw new FlotillaError('kube.invalid', {
      message: `The host runs Kubernetes ${gitVersion}; Flotilla needs 1.${oldestHostMinor} or newer for its own host.`,
      remedy: 'Upgrade the host, or run Flotilla on another cluster and add this one as a member (1.29 or newer).',
    })
  }
  const definitions = kinds.map((kind) => crdOf(kind))
  await applyAll(options, definitions)
  await Promise.all(definitions.map((definition) => established(options, definition)))
  host.discovery.forget()
  const namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: systemNamespace, labels: { [labels.managed]: 'platform' } },
  }
  await applyAll(options, [namespace, ...hostRoles(), ...admissionPolicies()])
}

async function applyAll({ host, signal }: InstallOptions, objects: readonly KubeObject[]): Promise<void> {
  for (const object of objects) {
    try {
      await host.apply(object, { fieldManager, force: true, signal })
    } catch (thrown) {
      const error = asFlotillaError(thrown)
      throw new FlotillaError(error.code, {
        message: `${refText(refOf(object))} could not be installed in the host: ${error.message}`,
        remedy: error.remedy ?? 'Flotilla needs the rights of a cluster administrator in its host.',
        cause: thrown,
      })
    }
  }
}

async function established({ host, clock, signal }: InstallOptions, definition: KubeObject): Promise<void> {
  const until = clock.elapsed() + establishedMs
  for (;;) {
    const there = await host.get(refOf(definition), { signal })
    const conditions = (
      there['status'] as { conditions?: { type: string; status: string; message?: string }[] } | undefined
    )?.conditions
    if (conditions?.some(({ type, status }) => type === 'Established' && status === 'True')) return
    if (clock.elapsed() > until) {
      const why = conditions?.find(({ status }) => status === 'False')?.message ?? 'no reason is given'
      throw new FlotillaError('kube.api', {
        message: `The host did not take up the kind ${definition.metadata.name}: ${why}`,
        remedy: 'Look at that CustomResourceDefinition in the host; another product may use its name.',
      })
    }
    await clock.sleep(lookMs, signal)
  }
}
