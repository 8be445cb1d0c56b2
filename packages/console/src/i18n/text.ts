import { createContext, useContext } from 'react'
import type { Dictionary } from './en.ts'
import type { Format } from './format.ts'

export interface Text {
  /** Every word of the screens. */
  readonly t: Dictionary
  /** Numbers and times as the reader writes them. */
  readonly f: Format
}

export const TextContext = createContext<Text | undefined>(undefined)

/** Words and formats in the reader's language. */
export function useText(): Text {
  const text = useContext(TextContext)
  if (text === undefined) throw new Error('useText is for what is inside the language provider')
  return text
}
