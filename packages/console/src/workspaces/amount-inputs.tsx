import type { WorkspaceRow } from '@flotilla/api'
import { Field } from '../components/field.tsx'
import { useText } from '../i18n/text.ts'
import { type AmountField, type Amounts, containerFields, faultyAmounts, quotaFields } from './amount-fields.ts'
import { mostOf } from '@flotilla/model/quota-figures'

interface AmountInputsProps {
  readonly amounts: Amounts
  readonly onChange: (amounts: Amounts) => void
}

/** What all targets of a project may use together, with what the workspace has left for it. */
export function QuotaInputs({
  amounts,
  workspace,
  granted,
  onChange,
}: AmountInputsProps & {
  readonly workspace?: WorkspaceRow['quota'] | undefined
  readonly granted?: Readonly<Record<string, string>> | undefined
}) {
  const { t } = useText()
  return (
    <fieldset>
      <legend>{t.quota.title}</legend>
      <div className="trio">
        {quotaFields.map((field) => {
          const most = mostOf(field.resource, workspace, granted)
          return (
            <AmountInput
              key={field.id}
              field={field}
              label={field.resource}
              hint={most === undefined ? t.quota.example(field.resource) : t.quota.atMost(most)}
              amounts={amounts}
              onChange={onChange}
            />
          )
        })}
      </div>
    </fieldset>
  )
}

/** What a container gets that names nothing itself. */
export function ContainerInputs(props: AmountInputsProps) {
  const { t } = useText()
  return (
    <fieldset>
      <legend>{t.quota.container}</legend>
      <div className="sub">{t.quota.containerHint}</div>
      <div className="quartet">
        {containerFields.map((field) => (
          <AmountInput
            key={field.id}
            field={field}
            label={t.quota.containerParts[field.part](field.resource)}
            {...props}
          />
        ))}
      </div>
    </fieldset>
  )
}

interface AmountInputProps extends AmountInputsProps {
  readonly field: AmountField
  readonly label: string
  readonly hint?: string
}

function AmountInput({ field, label, hint, amounts, onChange }: AmountInputProps) {
  const { t } = useText()
  const value = amounts[field.id] ?? ''
  const wrong = faultyAmounts({ value }).length > 0
  return (
    <Field
      label={label}
      value={value}
      maxLength={32}
      spellCheck={false}
      autoComplete="off"
      {...(hint === undefined ? {} : { hint })}
      {...(wrong ? { wrong: t.quota.wrong } : {})}
      onChange={(event) => onChange({ ...amounts, [field.id]: event.target.value })}
    />
  )
}
