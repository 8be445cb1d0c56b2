import type { ReleaseDifference } from '@flotilla/api'
import { shortVersion } from '@flotilla/model/short-version'
import { useText } from '../i18n/text.ts'
import { shortImage, shortImages } from './choice-words.ts'

interface SetTableProps {
  readonly changes: ReleaseDifference['components']
  /** What the columns of what was there and of what comes are called. */
  readonly before: string
  readonly after: string
  /** Shown the other way round: what goes back. */
  readonly back?: boolean
}

interface Line {
  readonly key: string
  readonly name: string
  readonly of?: string
  readonly before: string | undefined
  readonly after: string | undefined
  /** The whole of both, not only what is shown of them. */
  readonly same: boolean
  readonly full: string
}

/** Definitions and artifacts of each component, before and after. */
export function SetTable({ changes, before, after, back = false }: SetTableProps) {
  const { t } = useText()
  const lines = changes.flatMap(({ component, definition, images }): Line[] => [
    {
      key: component,
      name: component,
      before: definition.before === undefined ? undefined : shortVersion(definition.before),
      after: definition.after === undefined ? undefined : shortVersion(definition.after),
      same: definition.before === definition.after,
      full: `${definition.before ?? ''} → ${definition.after ?? ''}`,
    },
    ...images.map(({ image, before, after: next }) => ({
      key: `${component} ${image}`,
      name: t.releases.image(shortImage(image)),
      of: component,
      before: before === undefined ? undefined : shortImages(before),
      after: next === undefined ? undefined : shortImages(next),
      same: before === next,
      full: `${before ?? ''} → ${next ?? ''}`,
    })),
  ])
  if (lines.length === 0) return <div className="panel-empty">{t.releases.noComponents}</div>
  return (
    <table className="table set-table" aria-label={t.releases.set}>
      <thead>
        <tr>
          <th scope="col">{t.releases.component}</th>
          <th scope="col">{before}</th>
          <th scope="col">{after}</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => {
          const [from, to] = back ? [line.after, line.before] : [line.before, line.after]
          return (
            <tr key={line.key} title={line.full}>
              <th scope="row" className={line.of === undefined ? '' : 'inner'}>
                {line.name}
              </th>
              <td className="v">{from ?? <span className="faint">{t.releases.none}</span>}</td>
              <td className="v">
                {line.same ? (
                  <span className="faint">{t.releases.same}</span>
                ) : (
                  (to ?? <span className="faint">{t.releases.none}</span>)
                )}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
