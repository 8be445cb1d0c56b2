import { Field } from '../components/field.tsx'
import { SelectField } from '../components/select-field.tsx'
import { useText } from '../i18n/text.ts'
import { type ProviderForm, providerFields } from './provider-form.ts'

interface SettingFieldsProps {
  readonly form: ProviderForm
  readonly onChange: (settings: ProviderForm['settings']) => void
}

/** What the type of provider asks for. */
export function SettingFields({ form, onChange }: SettingFieldsProps) {
  const { t } = useText()
  const set = (name: string, value: string) => onChange({ ...form.settings, [name]: value })
  return providerFields[form.type].map(({ name, required = false, placeholder, choices }) =>
    choices === undefined ? (
      <Field
        key={`${form.type} ${name}`}
        label={t.providers.fields[name]}
        required={required}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        value={form.settings[name] ?? ''}
        onChange={(event) => set(name, event.target.value)}
      />
    ) : (
      <SelectField
        key={`${form.type} ${name}`}
        label={t.providers.fields[name]}
        value={form.settings[name] === '' ? choices[0] : form.settings[name]}
        onChange={(event) => set(name, event.target.value)}
      >
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {t.providers.choices[choice]}
          </option>
        ))}
      </SelectField>
    ),
  )
}
