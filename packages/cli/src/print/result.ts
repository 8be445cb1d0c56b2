import { escapeControls } from '@flotilla/model/escape-controls'
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
