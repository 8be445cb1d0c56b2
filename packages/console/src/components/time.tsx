import { useText } from '../i18n/text.ts'
import { useNow } from './clock.ts'

/** A time, told as long ago (`ago`), as a span (`span`) or as a clock; the whole date is in its title. */
export function Time({ at, as = 'ago' }: { at: string; as?: 'ago' | 'span' | 'clock' }) {
  const { f } = useText()
  const now = useNow()
  const shown = {
    ago: () => f.ago(at, now),
    span: () => f.duration(now - Date.parse(at)),
    clock: () => f.time(at, now),
  }[as]()
  return (
    <time dateTime={at} title={f.dateTime(at)}>
      {shown}
    </time>
  )
}
