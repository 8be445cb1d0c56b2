import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete'
import { type Diagnostic, linter } from '@codemirror/lint'
import type { Extension } from '@codemirror/state'
import type { Dictionary } from '../i18n/en.ts'
import { completeAt, type Offer } from './complete-at.ts'
import { faultText } from './fault-text.ts'
import type { JsonSchema } from './json-schema.ts'
import { lintDocument } from './lint-document.ts'

const lintAfterMs = 300

/** Completion and faults from the schema of the kind. */
export function schemaExtensions(schema: JsonSchema | undefined, t: Dictionary): Extension[] {
  const faults = linter(
    (view): Diagnostic[] =>
      lintDocument(view.state.doc.toString(), schema).map(({ fault, from, to }) => ({
        from: Math.min(from, view.state.doc.length),
        to: Math.min(to, view.state.doc.length),
        severity: 'error',
        message: faultText(fault, t),
      })),
    { delay: lintAfterMs },
  )
  if (schema === undefined) return [faults]
  return [faults, autocompletion({ override: [(context) => complete(context, schema)] })]
}

function complete(context: CompletionContext, schema: JsonSchema): CompletionResult | null {
  const found = completeAt(context.state.doc.toString(), context.pos, schema)
  // nothing jumps up before a letter is typed, unless it is asked for
  if (found === undefined || (!context.explicit && found.from === context.pos)) return null
  return {
    from: found.from,
    options: found.offers.map(optionOf),
    validFor: /^[\w./-]*$/,
  }
}

function optionOf({ label, insert, detail, description }: Offer): Completion {
  const option: Completion = { label, apply: insert, detail }
  if (description !== '') option.info = description
  return option
}
