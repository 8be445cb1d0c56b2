import { SelectField } from '../components/select-field.tsx'
import { useText } from '../i18n/text.ts'
import { parseRecording, type RecordingChoice, recordingChoices } from './recording-form.ts'

interface RecordingFieldProps {
  readonly of: 'workspace' | 'project'
  readonly value: RecordingChoice
  readonly onChange: (value: RecordingChoice) => void
}

/** What is recorded of shells there. */
export function RecordingField({ of, value, onChange }: RecordingFieldProps) {
  const { t } = useText()
  return (
    <SelectField
      label={t.recording.field}
      hint={t.recording.hints[of][value]}
      value={value}
      onChange={(event) => onChange(parseRecording(event.target.value))}
    >
      {recordingChoices.map((one) => (
        <option key={one} value={one}>
          {t.recording.what[one]}
        </option>
      ))}
    </SelectField>
  )
}
