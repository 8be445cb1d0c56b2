import type { KubeObjectShape } from '@flotilla/api'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Field } from '../components/field.tsx'
import { FormDialog } from '../components/form-dialog.tsx'
import { useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { api } from '../query/api.ts'
import { replaceObject } from '../query/edit-object.ts'
import { keys } from '../query/keys.ts'
import { queryClient } from '../query/query-client.ts'
import { useClusters } from '../query/use-fleet.ts'
import { writeDocument } from '../query/write-document.ts'
import { faultyAmounts, patchAmounts, quotaFields, readAmounts } from './amount-fields.ts'
import { QuotaInputs } from './amount-inputs.tsx'
import { choiceFault, everyCluster, readChoice, writeChoice } from './cluster-choice.ts'
import { ClusterChoiceFields } from './cluster-choice-fields.tsx'
import { withText } from './project-form.ts'
import { RecordingField } from './recording-field.tsx'
import { patchRecording, readRecording } from './recording-form.ts'
import './workspaces.css'

interface WorkspaceDialogProps {
  /** To change one; absent to make one. */
  readonly workspace?: string
  readonly onSaved: (name: string) => void
  readonly onClose: () => void
}

/** Makes a workspace, or changes what the form owns of one. */
export function WorkspaceDialog({ workspace, ...rest }: WorkspaceDialogProps) {
  const read = useQuery({
    queryKey: ['object', 'Workspace', workspace],
    queryFn: ({ signal }) => api.kinds.get({ params: { kind: 'Workspace', name: workspace ?? '' }, signal }),
    enabled: workspace !== undefined,
    gcTime: 0,
  })
  if (workspace === undefined) return <WorkspaceForm {...rest} />
  return read.data === undefined ? null : <WorkspaceForm base={read.data} {...rest} />
}

interface FormProps extends Omit<WorkspaceDialogProps, 'workspace'> {
  readonly base?: KubeObjectShape
}

function WorkspaceForm({ base, onSaved, onClose }: FormProps) {
  const { t } = useText()
  const { data: clusters = [] } = useClusters()
  const spec = Object.assign(
    { displayName: '', description: '', clusters: undefined, shells: undefined },
    base?.['spec'],
  )
  const [form, setForm] = useState({
    name: base?.metadata.name ?? '',
    displayName: spec.displayName,
    description: spec.description,
    amounts: readAmounts(base?.['spec'], quotaFields),
    choice: base === undefined ? everyCluster : readChoice(spec.clusters),
    recording: readRecording(spec.shells),
  })
  const set = (change: Partial<typeof form>) => setForm({ ...form, ...change })
  const edited = (before: KubeObjectShape['spec']) => {
    const texts = withText(
      withText(Object.assign({}, before), 'displayName', form.displayName),
      'description',
      form.description,
    )
    const chosen = writeChoice(form.choice, texts['clusters'])
    const asked = {
      ...texts,
      ...(chosen === undefined ? {} : { clusters: chosen }),
      ...patchRecording(texts['shells'], form.recording),
    }
    return patchAmounts(asked, quotaFields, form.amounts)
  }
  const save = useMutation({
    async mutationFn() {
      if (base !== undefined) {
        const { name } = base.metadata
        await replaceObject(api, { kind: 'Workspace', name }, base, (object) => ({
          ...object,
          spec: edited(object['spec']),
        }))
        return name
      }
      const { apiVersion, kind } = { apiVersion: 'flotilla.dev/v1alpha1', kind: 'Workspace' }
      const object = { apiVersion, kind, metadata: { name: form.name.trim() }, spec: edited({}) }
      const { ref } = await writeDocument(api, { documents: JSON.stringify(object), mode: 'create' })
      return ref.name
    },
    onSuccess(name) {
      void queryClient.invalidateQueries({ queryKey: keys.workspaces })
      void queryClient.invalidateQueries({ queryKey: keys.workspace(name) })
      notify(base === undefined ? t.workspaces.made(name) : t.workspaces.saved(name))
      onSaved(name)
    },
  })
  return (
    <FormDialog
      title={base === undefined ? t.workspaces.addTitle : t.workspaces.editTitle(base.metadata.name)}
      submit={base === undefined ? t.workspaces.create : t.workspaces.save}
      running={save.isPending}
      held={choiceFault(form.choice) !== undefined || faultyAmounts(form.amounts).length > 0}
      width={600}
      error={save.error}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      {base === undefined && (
        <Field
          label={t.workspaces.name}
          hint={t.workspaces.nameHint}
          required
          autoFocus
          maxLength={50}
          pattern="[a-z0-9]([-a-z0-9]*[a-z0-9])?"
          value={form.name}
          onChange={(event) => set({ name: event.target.value })}
        />
      )}
      <Field
        label={t.workspaces.displayName}
        maxLength={128}
        value={form.displayName}
        onChange={(event) => set({ displayName: event.target.value })}
      />
      <Field
        label={t.workspaces.description}
        maxLength={2048}
        value={form.description}
        onChange={(event) => set({ description: event.target.value })}
      />
      <fieldset>
        <legend>{t.workspaces.choice.legend}</legend>
        <ClusterChoiceFields
          value={form.choice}
          clusters={clusters}
          allLabel={t.workspaces.choice.all}
          onChange={(choice) => set({ choice })}
        />
      </fieldset>
      <QuotaInputs amounts={form.amounts} onChange={(amounts) => set({ amounts })} />
      <RecordingField of="workspace" value={form.recording} onChange={(recording) => set({ recording })} />
    </FormDialog>
  )
}
