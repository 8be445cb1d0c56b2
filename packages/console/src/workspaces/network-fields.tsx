import { Field } from '../components/field.tsx'
import { SelectField } from '../components/select-field.tsx'
import { useText } from '../i18n/text.ts'
import { findPeersFault, type NetworkForm, type PeersForm } from './network-form.ts'

interface NetworkFieldsProps {
  readonly value: NetworkForm
  readonly onChange: (value: NetworkForm) => void
}

/** Who may connect to the pods of a project, and what they may connect to. */
export function NetworkFields({ value, onChange }: NetworkFieldsProps) {
  const { t } = useText()
  const words = t.network
  const { isolated, from, egressIsolated, to } = value
  return (
    <fieldset>
      <legend>{words.legend}</legend>
      <SelectField
        label={words.incoming}
        hint={isolated ? words.isolatedHint : words.openHint}
        value={isolated ? 'Isolated' : 'Open'}
        onChange={(event) => onChange({ ...value, isolated: event.target.value === 'Isolated' })}
      >
        <option value="Open">{words.open}</option>
        <option value="Isolated">{words.isolated}</option>
      </SelectField>
      {isolated && (
        <>
          <PeersFields value={from} label={words.from} onChange={(next) => onChange({ ...value, from: next })} />
          <SelectField
            label={words.outgoing}
            hint={egressIsolated ? words.egressIsolatedHint : words.egressOpenHint}
            value={egressIsolated ? 'Isolated' : 'Open'}
            onChange={(event) => onChange({ ...value, egressIsolated: event.target.value === 'Isolated' })}
          >
            <option value="Open">{words.egressOpen}</option>
            <option value="Isolated">{words.egressIsolated}</option>
          </SelectField>
          {egressIsolated && (
            <PeersFields value={to} label={words.to} onChange={(next) => onChange({ ...value, to: next })} />
          )}
          <div className="sub">{words.measured}</div>
        </>
      )}
    </fieldset>
  )
}

interface PeersFieldsProps {
  readonly value: PeersForm
  readonly label: string
  readonly onChange: (value: PeersForm) => void
}

function PeersFields({ value, label, onChange }: PeersFieldsProps) {
  const { t } = useText()
  const words = t.network
  const fault = findPeersFault(value)
  const wrong = (field: 'namespaces' | 'addresses') =>
    fault?.field === field ? { wrong: words.wrong[field](fault.word) } : {}
  return (
    <div className="cluster-choice" role="group" aria-label={label}>
      <div>{label}</div>
      <label className="row tight">
        <input
          type="checkbox"
          checked={value.workspace}
          onChange={(event) => onChange({ ...value, workspace: event.target.checked })}
        />
        {words.workspace}
      </label>
      <div className="pair">
        <Field
          label={words.namespaces}
          hint={words.namespacesHint}
          {...wrong('namespaces')}
          value={value.namespaces}
          onChange={(event) => onChange({ ...value, namespaces: event.target.value })}
        />
        <Field
          label={words.addresses}
          hint={words.addressesHint}
          {...wrong('addresses')}
          value={value.addresses}
          onChange={(event) => onChange({ ...value, addresses: event.target.value })}
        />
      </div>
    </div>
  )
}
