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
import { markPlatform, platform, type PlatformRevision } from './platform-mark.ts'

export interface InstallOptions {
  readonly host: KubeClient
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Another revision than the program's; for tests. */
  readonly own?: PlatformRevision | undefined
}

/** ValidatingAdmissionPolicy is there from this minor version on. */
const oldestHostMinor = 30
const establishedMs = 30_000
const lookMs = 150

export interface PlatformInstalled extends PlatformRevision {
  /** What a newer program put there, which was left as it is. */
  readonly newer: PlatformRevision | undefined
}

const namespace = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: systemNamespace, labels: { [labels.managed]: 'platform' } },
}

/** In the order in which it is put there. Whoever changes any of it raises `platform.revision`. */
export const platformObjects = (): { kinds: KubeObject[]; rules: KubeObject[] } => ({
  kinds: kinds.map((kind) => crdOf(kind)),
  rules: [...hostRoles(), ...admissionPolicies()],
})

/**
 * Puts into the host what Flotilla stands on: its kinds, its namespace, the roles of people and the rules of admission.
 * Safe to repeat, and what somebody changed there is put right; what a newer program put there is left alone.
 */
export async function installPlatform(options: InstallOptions): Promise<PlatformInstalled> {
  const { host, signal, own = platform } = options
  const { major, minor, gitVersion } = await host.serverVersion({ signal })
  if (Number(major) === 1 && Number.parseInt(minor, 10) < oldestHostMinor) {
    throw new FlotillaError('kube.invalid', {
      message: `The host runs Kubernetes ${gitVersion}; Flotilla needs 1.${oldestHostMinor} or newer for its own host.`,
      remedy: 'Upgrade the host, or run Flotilla on another cluster and add this one as a member (1.29 or newer).',
    })
  }
  const { kinds: definitions, rules } = platformObjects()
  await applyAll(options, [namespace])
  // said before it is done: one that is killed in between does it again, and older ones keep off
  const newer = await markPlatform(host, own, signal)
  if (newer === undefined) await applyAll(options, definitions)
  await Promise.all(definitions.map((definition) => established(options, definition)))
  host.discovery.forget()
  if (newer === undefined) await applyAll(options, rules)
  return { ...own, newer }
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
    const there = await host.find(refOf(definition), { signal })
    const conditions = (
      there?.['status'] as { conditions?: { type: string; status: string; message?: string }[] } | undefined
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
