import { useEffect } from 'react'
import type { Action } from '../actions/action.ts'

let current: readonly Action[] = []

/** What can be done on the page that is open; read when the palette opens. */
export const listPageActions = (): readonly Action[] => current

/** Offers a page's actions in the command palette while it is open. */
export function usePageActions(actions: readonly Action[]): void {
  // the palette is drawn apart from the page: it reads the actions of the last drawing
  useEffect(() => {
    current = actions
    return () => {
      current = []
    }
  })
}
