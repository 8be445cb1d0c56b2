import type { KubeObjectShape, WorkspaceRow } from '@flotilla/api'
import { choosesCluster } from '@flotilla/model/selectors'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { Field } from '../components/field.tsx'
import { FormDialog } from '../components/form-dialog.tsx'
import { SelectField } from '../components/select-field.tsx'
import { useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { api } from '../query/api.ts'
import { replaceObject } from '../query/edit-object.ts'
import { keys } from '../query/keys.ts'
import { queryClient } from '../query/query-client.ts'
import { useClusters } from '../query/use-fleet.ts'
import { writeDocument } from '../query/write-document.ts'
import { ContainerInputs, QuotaInputs } from './amount-inputs.tsx'
import {
  emptyProject,
  emptyTarget,
  isFaulty,
  patchProjectSpec,
  podSecurityLevels,
  type ProjectForm,
  readProject,
} from './project-form.ts'
import { NetworkFields } from './network-fields.tsx'
import { RecordingField } from './recording-field.tsx'
import { TargetFields } from './target-fields.tsx'
import './workspaces.css'

interface ProjectDialogProps {
  readonly workspace: Pick<WorkspaceRow, 'name' | 'clusters' | 'quota'>
  /** What the project has of the workspace's quota. */
  readonly granted?: Readonly<Record<string, string>> | undefined
  /** To change one; absent to make one. */
  readonly project?: string
  readonly onSaved: (name: string) => void
  readonly onClose: () => void
}

/** Makes a project, or changes what the form owns of one; every other field stays. */
export function ProjectDialog({ project, ...rest }: ProjectDialogProps) {
  const where = { workspace: rest.workspace.name }
  const read = useQuery({
    queryKey: ['object', 'Project', project],
    queryFn: ({ signal }) => api.kinds.get({ params: { kind: 'Project', name: project ?? '' }, query: where, signal }),
    enabled: project !== undefined,
    gcTime: 0,
  })
  if (project === undefined) return <ProjectFormDialog {...rest} />
  return read.data === undefined ? null : <ProjectFormDialog base={read.data} {...rest} />
}

interface FormProps extends Omit<ProjectDialogProps, 'project'> {
  readonly base?: KubeObjectShape
}

function ProjectFormDialog({ workspace, granted, base, onSaved, onClose }: FormProps) {
  const { t } = useText()
  const { data: fleet = [] } = useClusters()
  const [name, setName] = useState('')
  const [form, setForm] = useState<ProjectForm>(() =>
    base === undefined ? emptyProject : readProject({ spec: base['spec'] }),
  )
  const set = (change: Partial<ProjectForm>) => setForm({ ...form, ...change })
  const save = useMutation({
    mutationFn: () =>
      base === undefined ? create(workspace.name, name.trim(), form) : change(workspace.name, base, form),
    onSuccess(saved) {
      void queryClient.invalidateQueries({ queryKey: keys.projects })
      void queryClient.invalidateQueries({ queryKey: keys.project(saved) })
      void queryClient.invalidateQueries({ queryKey: keys.workspaces })
      notify(base === undefined ? t.workspaces.made(saved) : t.workspaces.saved(saved))
      onSaved(saved)
    },
  })
  const level = podSecurityLevels.find((one) => one === form.podSecurity) ?? 'baseline'
  return (
    <FormDialog
      title={base === undefined ? t.projects.addTitle(workspace.name) : t.workspaces.editTitle(base.metadata.name)}
      submit={base === undefined ? t.workspaces.create : t.workspaces.save}
      running={save.isPending}
      held={isFaulty(form)}
      error={save.error}
      width={640}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      {base === undefined && (
        <Field
          label={t.workspaces.name}
          hint={t.projects.nameHint}
          required
          autoFocus
          maxLength={50}
          pattern="[a-z0-9]([-a-z0-9]*[a-z0-9])?"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      )}
      <div className="pair">
        <Field
          label={t.workspaces.displayName}
          maxLength={128}
          value={form.displayName}
          onChange={(event) => set({ displayName: event.target.value })}
        />
        <SelectField
          label={t.projects.podSecurity}
          hint={t.projects.levelHints[level]}
          value={form.podSecurity}
          onChange={(event) => set({ podSecurity: event.target.value })}
        >
          {podSecurityLevels.map((one) => (
            <option key={one} value={one}>
              {t.projects.levels[one]}
            </option>
          ))}
        </SelectField>
      </div>
      <Field
        label={t.workspaces.description}
        maxLength={2048}
        value={form.description}
        onChange={(event) => set({ description: event.target.value })}
      />
      {form.targets.map((target, index) => (
        <TargetFields
          // targets have no name of their own
          key={index}
          number={index + 1}
          target={target}
          clusters={fleet.filter((cluster) => choosesCluster(workspace.clusters, cluster))}
          onChange={(next) => set({ targets: form.targets.with(index, next) })}
          onRemove={form.targets.length > 1 ? () => set({ targets: form.targets.toSpliced(index, 1) }) : undefined}
        />
      ))}
      <div className="row">
        <Button size="small" onClick={() => set({ targets: [...form.targets, emptyTarget] })}>
          {t.projects.addTarget}
        </Button>
        {base !== undefined && <span className="sub">{t.projects.moved}</span>}
      </div>
      <NetworkFields value={form.network} onChange={(network) => set({ network })} />
      <QuotaInputs
        amounts={form.amounts}
        workspace={workspace.quota}
        granted={granted}
        onChange={(amounts) => set({ amounts })}
      />
      <RecordingField of="project" value={form.recording} onChange={(recording) => set({ recording })} />
      <ContainerInputs amounts={form.amounts} onChange={(amounts) => set({ amounts })} />
    </FormDialog>
  )
}

async function create(workspace: string, name: string, form: ProjectForm): Promise<string> {
  const object = {
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'Project',
    metadata: { name, namespace: `ws-${workspace}` },
    spec: patchProjectSpec({}, form),
  }
  const { ref } = await writeDocument(api, { documents: JSON.stringify(object), mode: 'create' })
  return ref.name
}

async function change(workspace: string, base: KubeObjectShape, form: ProjectForm): Promise<string> {
  const { name } = base.metadata
  await replaceObject(api, { kind: 'Project', name, where: { workspace } }, base, (object) => ({
    ...object,
    spec: patchProjectSpec(object['spec'], form),
  }))
  return name
}
