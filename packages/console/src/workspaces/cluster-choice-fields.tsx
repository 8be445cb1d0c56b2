import type { ClusterRow } from '@flotilla/api'
import { useId, useState } from 'react'
import { TextArea } from '../components/text-area.tsx'
import { useText } from '../i18n/text.ts'
import { parseLabels } from '../fleet/parse-labels.ts'
import { type ChoiceForm, choiceFault } from './cluster-choice.ts'

interface ClusterChoiceFieldsProps {
  readonly value: ChoiceForm
  /** Clusters that can be chosen. */
  readonly clusters: readonly Pick<ClusterRow, 'name' | 'labels'>[]
  readonly allLabel: string
  readonly onChange: (value: ChoiceForm) => void
}

/** Which clusters: all, by name, or by label; what a form cannot say stays, and is said. */
export function ClusterChoiceFields({ value, clusters, allLabel, onChange }: ClusterChoiceFieldsProps) {
  const { t, f } = useText()
  const group = useId()
  const words = t.workspaces.choice
  const choices = [
    ['all', allLabel],
    ['names', words.names],
    ['labels', words.labels],
  ] as const
  // those that were chosen come first, and stay where they are while one chooses
  const [first] = useState(value.names)
  const all = new Set([...clusters.map(({ name }) => name), ...value.names])
  const names = [...first, ...[...all].filter((name) => !first.includes(name)).sort()]
  const toggle = (name: string, on: boolean) =>
    onChange({ ...value, names: on ? [...value.names, name].sort() : value.names.filter((one) => one !== name) })
  const fault = choiceFault(value)
  const parsed = parseLabels(value.labels)
  const fitting = parsed.ok
    ? clusters
        .filter(({ labels }) => Object.entries(parsed.labels).every(([key, wanted]) => labels[key] === wanted))
        .map(({ name }) => name)
    : []
  return (
    <div className="cluster-choice" role="group" aria-label={words.legend}>
      <div className="row wrap">
        {choices.map(([type, label]) => (
          <label key={type} className="row tight">
            <input
              type="radio"
              name={group}
              checked={value.type === type}
              onChange={() => onChange({ ...value, type })}
            />
            {label}
          </label>
        ))}
      </div>
      {value.type === 'other' && <div className="sub">{words.other}</div>}
      {value.type === 'names' && (
        <div className="names">
          {names.map((name) => (
            <label key={name} className="row tight">
              <input
                type="checkbox"
                checked={value.names.includes(name)}
                onChange={(event) => toggle(name, event.target.checked)}
              />
              {name}
            </label>
          ))}
        </div>
      )}
      {value.type === 'names' && fault !== undefined && <div className="sub">{words.none}</div>}
      {value.type === 'labels' && (
        <TextArea
          label={words.labels}
          rows={2}
          value={value.labels}
          hint={
            <>
              {words.labelsHint}
              {fault === undefined && `. ${fitting.length === 0 ? words.fitsNone : words.fits(f.list(fitting))}`}
            </>
          }
          {...(fault === 'bad-labels' ? { wrong: words.wrong } : {})}
          onChange={(event) => onChange({ ...value, labels: event.target.value })}
        />
      )}
    </div>
  )
}
