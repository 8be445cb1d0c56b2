import type { Dictionary } from '../i18n/en.ts'
import type { Fault } from './lint-document.ts'

/** A fault in words for the reader. */
export function faultText(fault: Fault, t: Dictionary): string {
  const { lint } = t.editor
  switch (fault.rule) {
    case 'yaml':
      return fault.message
    case 'type':
      return lint.type(fault.expected)
    case 'unknown':
      return lint.unknown(fault.field)
    case 'missing':
      return lint.missing(fault.field)
    case 'choice':
      return lint.choice(fault.choices.join(', '))
    case 'pattern':
      return lint.pattern(fault.pattern)
    case 'short':
    case 'long':
    case 'least':
    case 'most':
    case 'items':
      return lint[fault.rule](fault.bound)
    default:
      return fault satisfies never
  }
}
