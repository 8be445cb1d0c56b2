import { useText } from '../i18n/text.ts'
import { useProjects } from '../query/use-fleet.ts'
import type { FormModel } from './form-model.ts'

interface PlacementFieldsProps {
  readonly placement: FormModel['placement']
  readonly project: string
  readonly set: (path: readonly (string | number)[], value: unknown) => void
}

const namesPath = ['spec', 'placement', 'clusters', 'names'] as const

/** Which of the project's clusters: all, or those named. Placement by labels is left to the text. */
export function PlacementFields({ placement, project, set }: PlacementFieldsProps) {
  const { t } = useText()
  const { data: projects = [] } = useProjects()
  const targets = projects.find(({ name }) => name === project)?.targets ?? []
  const chosen = placement.type === 'names' ? placement.names : []
  const clusters = [...new Set([...targets.map(({ cluster }) => cluster), ...chosen])].sort()
  const toggle = (cluster: string, on: boolean) =>
    set(namesPath, on ? [...chosen, cluster] : chosen.filter((one) => one !== cluster))
  if (placement.type === 'other') {
    return (
      <div className="field">
        <span className="label">{t.editor.placement}</span>
        <span className="muted">{t.editor.placementOther}</span>
      </div>
    )
  }
  return (
    <fieldset>
      <legend>{t.editor.placement}</legend>
      <label className="row">
        <input
          type="radio"
          name="placement"
          checked={placement.type === 'all'}
          onChange={() => set(['spec', 'placement'], {})}
        />
        {t.editor.placementAll}
      </label>
      <label className="row">
        <input
          type="radio"
          name="placement"
          checked={placement.type === 'names'}
          onChange={() => set(namesPath, clusters)}
        />
        {t.editor.placementNames}
      </label>
      {placement.type === 'names' && (
        <div className="row wrap">
          {clusters.map((cluster) => (
            <label key={cluster} className="row" style={{ gap: 6 }}>
              <input
                type="checkbox"
                checked={chosen.includes(cluster)}
                onChange={(event) => toggle(cluster, event.target.checked)}
              />
              {cluster}
            </label>
          ))}
        </div>
      )}
    </fieldset>
  )
}
