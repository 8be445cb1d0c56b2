import { FlotillaError } from '@flotilla/model/errors'
import { useText } from '../i18n/text.ts'
import type { Dictionary } from '../i18n/en.ts'

/** What an error is called in the reader's language. */
export function problemTitle(error: unknown, t: Dictionary): string {
  if (!(error instanceof FlotillaError)) return t.errors.any
  const titles: Readonly<Record<string, string>> = t.errors.titles
  return titles[error.code] ?? t.errors.any
}

/** One line for a notice: what it is called, then what the server said. */
export function problemLine(error: unknown, t: Dictionary): string {
  const said = error instanceof Error ? error.message : String(error)
  return `${problemTitle(error, t)}: ${said}`
}

/** An error in its place: what, where, and what to do about it. */
export function Problem({ error }: { error: unknown }) {
  const { t } = useText()
  const known = error instanceof FlotillaError ? error : undefined
  return (
    <div className="problem" role="alert">
      <strong>{problemTitle(error, t)}</strong>
      <span>{error instanceof Error ? error.message : String(error)}</span>
      {known?.field !== undefined && (
        <span className="sub">
          {t.errors.field(known.field)}
          {known.value !== undefined && <span className="v"> {known.value}</span>}
        </span>
      )}
      {known?.remedy !== undefined && <span className="sub">{known.remedy}</span>}
    </div>
  )
}
