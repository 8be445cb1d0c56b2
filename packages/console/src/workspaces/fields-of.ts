import { isRecord } from '@flotilla/model/canonical-json'

export type Fields = Readonly<Record<string, unknown>>

/** The fields of what ought to be an object; none where it is not. */
export const fieldsOf = (value: unknown): Fields => (isRecord(value) ? value : {})
