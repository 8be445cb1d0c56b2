import type { ReleaseDetail } from '@flotilla/api'
import { useState } from 'react'
import { useText } from '../i18n/text.ts'

type Target = ReleaseDetail['targetList'][number]
export const targetWord = ({ cluster, namespace }: Pick<Target, 'cluster' | 'namespace'>): string =>
  `${cluster}/${namespace}`

interface ChooseTargetsProps {
  readonly targets: readonly Target[]
  /** Undefined: all of them. */
  readonly chosen: ReadonlySet<string> | undefined
  readonly onChange: (chosen: ReadonlySet<string> | undefined) => void
}

/** Lists longer than this are filtered before one looks through them. */
const mostAtOnce = 10

/** All targets of a release, or only those that are ticked. */
export function ChooseTargets({ targets, chosen, onChange }: ChooseTargetsProps) {
  const { t } = useText()
  return (
    <fieldset className="part-choice">
      <legend>{t.releases.targets}</legend>
      <label>
        <input type="radio" name="targets" checked={chosen === undefined} onChange={() => onChange(undefined)} />
        {t.releases.startAll(targets.length)}
      </label>
      <label>
        <input type="radio" name="targets" checked={chosen !== undefined} onChange={() => onChange(new Set())} />
        {t.releases.startSome}
      </label>
      {chosen !== undefined && <Ticks targets={targets} chosen={chosen} onChange={onChange} />}
    </fieldset>
  )
}

function Ticks({ targets, chosen, onChange }: ChooseTargetsProps & { readonly chosen: ReadonlySet<string> }) {
  const { t } = useText()
  const [q, setQ] = useState('')
  const words = q.trim().toLowerCase()
  const shown = targets.filter((target) => `${targetWord(target)} ${target.environment ?? ''}`.includes(words))
  const tick = (names: readonly string[], on: boolean) => {
    const after = new Set(chosen)
    for (const name of names) {
      if (on) after.add(name)
      else after.delete(name)
    }
    onChange(after)
  }
  return (
    <>
      <div className="row wrap">
        {targets.length > mostAtOnce && (
          <input
            className="input small"
            type="search"
            aria-label={t.releases.startFilter}
            placeholder={t.releases.startFilter}
            value={q}
            onChange={(event) => setQ(event.target.value)}
          />
        )}
        <button type="button" className="plain accent" onClick={() => tick(shown.map(targetWord), true)}>
          {t.releases.startTickAll}
        </button>
        <button type="button" className="plain accent" onClick={() => tick(shown.map(targetWord), false)}>
          {t.releases.startTickNone}
        </button>
        <span className="push sub" aria-live="polite">
          {t.releases.startChosen(chosen.size, targets.length)}
        </span>
      </div>
      <div className="in-dialog short" role="group" aria-label={t.releases.startSome}>
        {shown.map((target) => {
          const name = targetWord(target)
          return (
            <label key={name} className="target-tick">
              <input
                type="checkbox"
                checked={chosen.has(name)}
                onChange={(event) => tick([name], event.target.checked)}
              />
              <span className="clip">{name}</span>
              {target.environment !== undefined && <span className="sub">{target.environment}</span>}
              <span className="push sub v" title={t.releases.changeWords(target.added, target.changed, target.removed)}>
                {t.releases.changeCount(target.added, target.changed, target.removed)}
              </span>
            </label>
          )
        })}
        {shown.length === 0 && <div className="panel-empty">{t.empty.filteredOut}</div>}
      </div>
    </>
  )
}
