import type { ClusterRow } from '@flotilla/api'
import { Field } from '../components/field.tsx'
import { useText } from '../i18n/text.ts'
import { ClusterChoiceFields } from './cluster-choice-fields.tsx'
import type { TargetForm } from './project-form.ts'

interface TargetFieldsProps {
  readonly number: number
  readonly target: TargetForm
  readonly clusters: readonly ClusterRow[]
  readonly onChange: (target: TargetForm) => void
  /** Absent for the last one: a project without a target lives nowhere. */
  readonly onRemove: (() => void) | undefined
}

/** One target of a project: which clusters, which namespace, which environment. */
export function TargetFields({ number, target, clusters, onChange, onRemove }: TargetFieldsProps) {
  const { t } = useText()
  return (
    <fieldset>
      <legend>{t.projects.target(number)}</legend>
      <ClusterChoiceFields
        value={target.choice}
        clusters={clusters}
        allLabel={t.workspaces.choice.allOfWorkspace}
        onChange={(choice) => onChange({ ...target, choice })}
      />
      <div className="pair">
        <Field
          label={t.projects.namespace}
          hint={t.projects.namespaceHint}
          maxLength={63}
          pattern="[a-z0-9]([-a-z0-9]*[a-z0-9])?"
          value={target.namespace}
          onChange={(event) => onChange({ ...target, namespace: event.target.value })}
        />
        <Field
          label={t.projects.environment}
          hint={t.projects.environmentHint}
          maxLength={63}
          pattern="[a-z0-9]([-a-z0-9]*[a-z0-9])?"
          value={target.environment}
          onChange={(event) => onChange({ ...target, environment: event.target.value })}
        />
      </div>
      {onRemove !== undefined && (
        <button type="button" className="plain accent drop" onClick={onRemove}>
          {t.projects.removeTarget}
        </button>
      )}
    </fieldset>
  )
}
