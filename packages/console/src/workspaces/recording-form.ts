import { type Fields, fieldsOf } from './fields-of.ts'

export const recordingChoices = ['Never', 'Output', 'OutputAndInput'] as const
export type RecordingChoice = (typeof recordingChoices)[number]

export const parseRecording = (value: unknown): RecordingChoice =>
  recordingChoices.find((one) => one === value) ?? 'Never'

/** What `spec.shells` of a Project or a Workspace asks for. */
export const readRecording = (shells: unknown): RecordingChoice => parseRecording(fieldsOf(shells)['record'])

/** `spec.shells` when the choice is another one than it was; nothing otherwise, so that what was not said stays unsaid. */
export const patchRecording = (shells: unknown, chosen: RecordingChoice): { readonly shells?: Fields } =>
  chosen === readRecording(shells) ? {} : { shells: { ...fieldsOf(shells), record: chosen } }
