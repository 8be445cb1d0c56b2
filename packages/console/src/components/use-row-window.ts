import { type RefObject, useLayoutEffect, useState } from 'react'
import { computeRowWindow, type RowWindow } from './row-window.ts'

/** Follows the scroll position of a list; short lists are drawn whole. */
export function useRowWindow(scroller: RefObject<HTMLElement | null>, count: number, rowHeight: number): RowWindow {
  const [view, setView] = useState({ scrollTop: 0, viewHeight: 800 })
  // the size of an element is known only after it was laid out
  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null) return undefined
    let frame = 0
    const read = () => {
      frame = 0
      setView((before) =>
        before.scrollTop === element.scrollTop && before.viewHeight === element.clientHeight
          ? before
          : { scrollTop: element.scrollTop, viewHeight: element.clientHeight },
      )
    }
    const ask = () => {
      frame ||= requestAnimationFrame(read)
    }
    const observer = new ResizeObserver(ask)
    observer.observe(element)
    element.addEventListener('scroll', ask, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', ask)
      cancelAnimationFrame(frame)
    }
  }, [scroller])
  if (count <= 150) return { first: 0, end: count, above: 0, below: 0 }
  return computeRowWindow({ count, rowHeight, ...view, overscan: 10 })
}
