import { asEverybodyReads } from '@flotilla/model/yaml'
import type { Io } from '../io.ts'
import { neutralise } from './neutralise.ts'

export type OutputForm = 'table' | 'json' | 'yaml'

/** Prints a result for a program: the API's own JSON, with what could steer a terminal escaped. */
export async function printResult(io: Io, form: 'json' | 'yaml', result: unknown): Promise<void> {
  if (form === 'json') {
    io.out(`${escapeControls(JSON.stringify(result, undefined, 2))}\n`)
    return
  }
  io.out(await writeYaml(result))
}

/** YAML that says the same when it is read again: what could steer a terminal stands escaped between double quotes. */
async function writeYaml(result: unknown): Promise<string> {
  const { Document, Scalar, visit } = await import('yaml')
  const document = new Document(result, asEverybodyReads)
  visit(document, {
    Scalar(_key, scalar) {
      if (typeof scalar.value === 'string' && neutralise(scalar.value) !== scalar.value)
        scalar.type = Scalar.QUOTE_DOUBLE
    },
  })
  return neutralise(document.toString(asEverybodyReads))
}

/** JSON.stringify leaves DEL, C1 and direction marks as they are; escaped they mean the same. */
export function escapeControls(json: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return json.replace(/[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
  })
}
