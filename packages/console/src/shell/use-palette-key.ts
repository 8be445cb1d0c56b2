import { useEffect } from 'react'
import { isComposing } from '../keyboard/may-take-key.ts'
import { openPalette } from './palette-open.ts'

/** Ctrl-K and Cmd-K work everywhere, in inputs too. */
export function usePaletteKey(): void {
  // the window is outside of React
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || isComposing(event)) return
      event.preventDefault()
      openPalette()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [])
}
