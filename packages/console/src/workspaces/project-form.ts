import {
  type Amounts,
  containerFields,
  faultyAmounts,
  patchAmounts,
  quotaFields,
  readAmounts,
} from './amount-fields.ts'
import { isNetworkFaulty, type NetworkForm, patchNetwork, readNetwork } from './network-form.ts'
import { patchRecording, readRecording, type RecordingChoice } from './recording-form.ts'
import { type ChoiceForm, choiceFault, everyCluster, readChoice, writeChoice } from './cluster-choice.ts'
import { type Fields, fieldsOf } from './fields-of.ts'

export const podSecurityLevels = ['restricted', 'baseline', 'privileged'] as const

export interface TargetForm {
  readonly choice: ChoiceForm
  readonly namespace: string
  readonly environment: string
  /** The target as it was read: what the form does not know of it stays. */
  readonly source: Readonly<Record<string, unknown>>
}

/** The fields of a Project that the form owns. */
export interface ProjectForm {
  readonly displayName: string
  readonly description: string
  readonly podSecurity: string
  /** What is recorded of shells. */
  readonly recording: RecordingChoice
  readonly targets: readonly TargetForm[]
  /** Quota, and what containers get. */
  readonly amounts: Amounts
  readonly network: NetworkForm
}

const amountFields = [...quotaFields, ...containerFields]

export const emptyTarget: TargetForm = { choice: everyCluster, namespace: '', environment: '', source: {} }
export const emptyProject: ProjectForm = {
  displayName: '',
  description: '',
  podSecurity: 'baseline',
  recording: 'Never',
  targets: [emptyTarget],
  amounts: readAmounts({}, amountFields),
  network: readNetwork(undefined),
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

export function readProject(object: { readonly spec?: unknown }): ProjectForm {
  const spec = fieldsOf(object['spec'])
  const targets: readonly unknown[] = Array.isArray(spec['targets']) ? spec['targets'] : []
  return {
    displayName: textOf(spec['displayName']),
    description: textOf(spec['description']),
    podSecurity: textOf(spec['podSecurity']) || emptyProject.podSecurity,
    recording: readRecording(spec['shells']),
    targets: targets.map((target) => {
      const source = fieldsOf(target)
      return {
        choice: readChoice(source['clusters']),
        namespace: textOf(source['namespace']),
        environment: textOf(source['environment']),
        source,
      }
    }),
    amounts: readAmounts(spec, amountFields),
    network: readNetwork(spec['network']),
  }
}

/** The spec with what the form says; every field that it does not own stays as it was. */
export function patchProjectSpec(before: unknown, form: ProjectForm): Record<string, unknown> {
  const spec = fieldsOf(before)
  const { network: networkBefore, ...others } = spec
  const network = patchNetwork(networkBefore, form.network)
  const podSecurity =
    form.podSecurity === (spec['podSecurity'] ?? emptyProject.podSecurity) ? {} : { podSecurity: form.podSecurity }
  return {
    ...withText(
      withText(patchAmounts(others, amountFields, form.amounts), 'displayName', form.displayName),
      'description',
      form.description,
    ),
    ...podSecurity,
    ...(network === undefined ? {} : { network }),
    ...patchRecording(spec['shells'], form.recording),
    targets: form.targets.map(({ choice, namespace, environment, source }) => {
      const clusters = writeChoice(choice, source['clusters']) ?? {}
      return withText(withText({ ...source, clusters }, 'namespace', namespace), 'environment', environment)
    }),
  }
}

/** A text that is empty says nothing, and its field goes; surrounding spaces are nobody's wish. */
export function withText(fields: Fields, name: string, text: string): Record<string, unknown> {
  const { [name]: before, ...rest } = fields
  const after = text === before ? text : text.trim()
  return after === '' ? rest : { ...rest, [name]: after }
}

/** Whether the form holds something that cannot be written yet. */
export const isFaulty = (form: ProjectForm): boolean =>
  faultyTargets(form).length > 0 || faultyAmounts(form.amounts).length > 0 || isNetworkFaulty(form.network)

/** Indexes of targets whose clusters cannot be written yet. */
export const faultyTargets = (form: ProjectForm): number[] =>
  form.targets.flatMap(({ choice }, index) => (choiceFault(choice) === undefined ? [] : [index]))
