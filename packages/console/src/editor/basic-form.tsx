import { Button } from 'antd'
import { EmptyState } from '../components/empty-state.tsx'
import { Field } from '../components/field.tsx'
import { useText } from '../i18n/text.ts'
import { ComponentFields } from './component-fields.tsx'
import { emptySource, readForm } from './form-model.ts'
import { setInText } from './patch-document.ts'
import { PlacementFields } from './placement-fields.tsx'

interface BasicFormProps {
  readonly text: string
  readonly project: string
  readonly onChange: (text: string) => void
}

/** The basic parts of an application. It writes only the fields that it owns; all others stay as they are. */
export function BasicForm({ text, project, onChange }: BasicFormProps) {
  const { t } = useText()
  const form = readForm(text)
  if (form === undefined) return <EmptyState title={t.editor.brokenForForm} />
  const set = (path: readonly (string | number)[], value: unknown) => onChange(setInText(text, path, value))
  const add = () =>
    set(['spec', 'components', form.components.length], {
      name: `part-${form.components.length + 1}`,
      ...emptySource('chart'),
    })
  return (
    <div className="basic-form">
      <Field
        label={t.editor.name}
        value={form.name}
        onChange={(event) => set(['metadata', 'name'], event.target.value)}
      />
      {form.components.map((component, index) => (
        <ComponentFields
          key={index}
          component={component}
          index={index}
          set={set}
          removable={form.components.length > 1}
        />
      ))}
      <div>
        <Button size="small" onClick={add}>
          {t.editor.addComponent}
        </Button>
      </div>
      <PlacementFields placement={form.placement} project={project} set={set} />
      <div className="pair">
        <label className="field">
          <span className="label">{t.editor.drift}</span>
          <select
            className="input"
            value={form.driftPolicy}
            onChange={(event) => set(['spec', 'driftPolicy'], event.target.value)}
          >
            <option value="Repair">{t.editor.driftRepair}</option>
            <option value="Report">{t.editor.driftReport}</option>
          </select>
        </label>
        <Field
          label={t.editor.concurrency}
          type="number"
          min={1}
          max={1000}
          value={form.maxConcurrency}
          onChange={(event) => set(['spec', 'maxConcurrency'], Math.max(1, event.target.valueAsNumber || 1))}
        />
      </div>
      <label className="row">
        <input
          type="checkbox"
          checked={form.paused}
          onChange={(event) => set(['spec', 'paused'], event.target.checked)}
        />
        {t.editor.paused}
      </label>
    </div>
  )
}
