import { Button } from 'antd'
import { Field } from '../components/field.tsx'
import { TextArea } from '../components/text-area.tsx'
import { useText } from '../i18n/text.ts'
import { emptySource, type FormComponent, sourceFields, sourceTypes } from './form-model.ts'

interface ComponentFieldsProps {
  readonly component: FormComponent
  readonly index: number
  readonly removable: boolean
  readonly set: (path: readonly (string | number)[], value: unknown) => void
}

export function ComponentFields({ component, index, removable, set }: ComponentFieldsProps) {
  const { t } = useText()
  const base = ['spec', 'components', index] as const
  const labels: Record<string, string> = {
    url: t.editor.url,
    version: t.editor.version,
    name: t.editor.chartName,
    ref: t.editor.ref,
    path: t.editor.path,
    inline: t.editor.inline,
  }
  const { type } = component
  const { at, fields } = type === 'other' ? { at: [], fields: [] } : sourceFields[type]
  return (
    <fieldset>
      <legend>{component.name}</legend>
      <div className="pair">
        <Field
          label={t.editor.componentName}
          value={component.name}
          onChange={(event) => set([...base, 'name'], event.target.value)}
        />
        <label className="field">
          <span className="label">{t.editor.source}</span>
          <select
            className="input"
            value={type}
            onChange={(event) => {
              const next = sourceTypes.find((one) => one === event.target.value)
              if (next !== undefined) set(base, { name: component.name, ...emptySource(next) })
            }}
          >
            {type === 'other' && <option value="other">{t.editor.other}</option>}
            {sourceTypes.map((one) => (
              <option key={one} value={one}>
                {t.editor[one]}
              </option>
            ))}
          </select>
        </label>
      </div>
      {type === 'inline' ? (
        <TextArea
          label={t.editor.inline}
          rows={8}
          value={component.fields['inline'] ?? ''}
          onChange={(event) => set([...base, ...at, 'inline'], event.target.value)}
        />
      ) : (
        <div className="pair">
          {fields.map((field) => (
            <Field
              key={field}
              label={labels[field] ?? field}
              value={component.fields[field] ?? ''}
              // an empty optional field is not there, rather than there and empty
              onChange={(event) =>
                set(
                  [...base, ...at, field],
                  event.target.value === '' && field === 'path' ? undefined : event.target.value,
                )
              }
            />
          ))}
        </div>
      )}
      {removable && (
        <div>
          <Button size="small" danger onClick={() => set(base, undefined)}>
            {t.editor.removeComponent(component.name)}
          </Button>
        </div>
      )}
    </fieldset>
  )
}
