import { useEffect, useRef } from 'react'
import { mayTakeKey } from './may-take-key.ts'

export type KeyMap = Readonly<Record<string, (() => void) | undefined>>

function placeOf(target: EventTarget | null) {
  if (!(target instanceof HTMLElement)) return undefined
  return {
    tagName: target.tagName,
    isContentEditable: target.isContentEditable,
    inDialog: target.closest('dialog, [role="dialog"]') !== null,
  }
}

/** One-letter keys of what is on the screen: `{ l: openLogs }`. */
export function useKeys(map: KeyMap): void {
  const latest = useRef(map)
  // the window is outside of React; the map of the last drawing is what acts
  useEffect(() => {
    latest.current = map
  })
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const act = latest.current[event.key]
      if (act === undefined || event.defaultPrevented || !mayTakeKey(event, placeOf(event.target))) return
      event.preventDefault()
      act()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [])
}
