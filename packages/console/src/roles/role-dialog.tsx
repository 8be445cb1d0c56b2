import type { RoleRow } from '@flotilla/api'
import { useMutation } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { Field } from '../components/field.tsx'
import { FormDialog } from '../components/form-dialog.tsx'
import { useText } from '../i18n/text.ts'
import { placeNamespace, type RolePlace } from '../members/role-place.ts'
import { notify } from '../notices/notices.ts'
import { api } from '../query/api.ts'
import { editObject } from '../query/edit-object.ts'
import { refreshRoles } from '../query/use-tenants.ts'
import { writeDocument } from '../query/write-document.ts'
import { deedOf, grantGroups } from './grant-groups.ts'
import { emptyRole, patchRole, readRole, readRules } from './role-form.ts'
import './roles.css'

interface RoleDialogProps {
  readonly place: RolePlace
  /** What a role there may be made of. */
  readonly offered: readonly string[]
  /** To change one; absent to make one. */
  readonly role?: RoleRow
  readonly onClose: () => void
}

/** Makes a role, or changes what it may do. */
export function RoleDialog({ place, offered, role, onClose }: RoleDialogProps) {
  const { t } = useText()
  const rulesId = useId()
  const [form, setForm] = useState(role === undefined ? emptyRole : readRole(role))
  const set = (change: Partial<typeof form>) => setForm({ ...form, ...change })
  const about: Readonly<Record<string, string>> = t.roles.about
  const deeds: Readonly<Record<string, string>> = t.roles.deeds
  const rules = readRules(form.rules)
  const namespace = placeNamespace(place)
  const save = useMutation({
    async mutationFn() {
      if (role !== undefined) {
        const at = { kind: 'CustomRole', name: role.name, where: { namespace } }
        await editObject(api, at, (object) => ({ ...object, spec: patchRole(object['spec'], form) }))
        return role.name
      }
      const name = form.name.trim()
      const object = { apiVersion: 'flotilla.dev/v1alpha1', kind: 'CustomRole', metadata: { name, namespace } }
      await writeDocument(api, {
        documents: JSON.stringify({ ...object, spec: patchRole({}, form) }),
        mode: 'create',
      })
      return name
    },
    async onSuccess(name) {
      notify(role === undefined ? t.roles.made(name) : t.roles.saved(name))
      onClose()
      await refreshRoles()
    },
  })
  const toggle = (grant: string, on: boolean) => {
    const grants = new Set(form.grants)
    if (on) grants.add(grant)
    else grants.delete(grant)
    set({ grants })
  }
  return (
    <FormDialog
      title={role === undefined ? t.roles.addTitle : t.roles.editTitle(role.name)}
      submit={role === undefined ? t.roles.create : t.roles.save}
      running={save.isPending}
      held={rules === undefined || form.grants.size + rules.length === 0}
      width={640}
      error={save.error}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      {role === undefined && (
        <Field
          label={t.roles.name}
          hint={t.roles.nameHint}
          required
          autoFocus
          maxLength={50}
          pattern="[a-z0-9]([-a-z0-9]*[a-z0-9])?"
          value={form.name}
          onChange={(event) => set({ name: event.target.value })}
        />
      )}
      <Field
        label={t.roles.displayName}
        maxLength={128}
        value={form.displayName}
        onChange={(event) => set({ displayName: event.target.value })}
      />
      <Field
        label={t.roles.description}
        maxLength={2048}
        value={form.description}
        onChange={(event) => set({ description: event.target.value })}
      />
      {role !== undefined && role.givenCount > 0 && <div className="note">{t.roles.changeHeld(role.givenCount)}</div>}
      <fieldset className="grants">
        <legend>{t.roles.may}</legend>
        {grantGroups(offered).map((group) => (
          <div key={group.about} role="group" aria-label={about[group.about] ?? group.about}>
            <span>{about[group.about] ?? group.about}</span>
            <span className="deeds">
              {group.grants.map((grant) => (
                <label key={grant} title={grant}>
                  <input
                    type="checkbox"
                    checked={form.grants.has(grant)}
                    onChange={(event) => toggle(grant, event.target.checked)}
                  />
                  {deeds[deedOf(grant)] ?? grant}
                </label>
              ))}
            </span>
          </div>
        ))}
      </fieldset>
      <details open={form.rules !== ''}>
        <summary>{t.roles.rules}</summary>
        <label htmlFor={rulesId} className="sub">
          {t.roles.rulesHint}
        </label>
        <textarea
          id={rulesId}
          className="input code"
          rows={6}
          spellCheck={false}
          placeholder={'- apiGroups: [monitoring.coreos.com]\n  resources: [servicemonitors]\n  verbs: [get, list]'}
          aria-invalid={rules === undefined}
          value={form.rules}
          onChange={(event) => set({ rules: event.target.value })}
        />
        {rules === undefined && <div className="fault">{t.roles.rulesFault}</div>}
      </details>
    </FormDialog>
  )
}
